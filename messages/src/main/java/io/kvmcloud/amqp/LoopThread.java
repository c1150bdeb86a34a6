package io.kvmcloud.amqp;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.WriteListener;
import com.rabbitmq.client.impl.AMQConnection;
import com.rabbitmq.client.impl.FrameHandler;
import com.rabbitmq.client.impl.FrameHandlerFactory;
import com.rabbitmq.client.impl.SocketFrameHandler;
import com.rabbitmq.client.impl.SocketFrameHandlerFactory;
import java.io.IOException;
import java.net.Socket;

/**
 * The thread of a {@link ChannelLoop}. What it publishes and acknowledges in one go leaves in one packet: the client library
 * would write and flush each by itself.
 */
final class LoopThread extends Thread {

    private boolean gathering;

    LoopThread(String name, Runnable loop) {
        super(loop, name);
        setDaemon(true);
    }

    /** Sends, but not yet; {@link #flush} must follow. On this thread only. */
    void gather(ChannelLoop.Task sending) throws IOException {
        gathering = true;
        try {
            sending.run();
        } finally {
            gathering = false;
        }
    }

    /** Sends what was gathered. */
    void flush(Connection connection) throws IOException {
        ((AMQConnection) connection).flush();
    }

    /** Makes connections that let such threads gather. */
    static ConnectionFactory connections() {
        return new ConnectionFactory() {
            @Override
            protected synchronized FrameHandlerFactory createFrameHandlerFactory() {
                return new SocketFrameHandlerFactory(
                        getConnectionTimeout(), getSocketFactory(), getSocketConfigurator(), isSSL()) {
                    @Override
                    public FrameHandler create(Socket socket) throws IOException {
                        return new Frames(socket);
                    }
                };
            }
        };
    }

    private static final class Frames extends SocketFrameHandler {
        /** Until both sides have agreed on another; in bytes, as the library has it. */
        private static final int FIRST_FRAME_MAX = 8192;

        Frames(Socket socket) throws IOException {
            super(socket, null, FIRST_FRAME_MAX);
        }

        @Override
        public void flush(WriteListener listener) throws IOException {
            if (!(Thread.currentThread() instanceof LoopThread loop) || !loop.gathering) {
                super.flush(listener);
            }
        }
    }
}
