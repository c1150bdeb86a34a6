package io.kvmcloud.amqp;

import com.rabbitmq.client.impl.DefaultExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The library would warn of every socket that breaks or is closed; whoever has the session hears of it and tells. */
final class QuietExceptionHandler extends DefaultExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(QuietExceptionHandler.class);

    @Override
    protected void log(String message, Throwable problem) {
        LOG.debug(message, problem);
    }
}
