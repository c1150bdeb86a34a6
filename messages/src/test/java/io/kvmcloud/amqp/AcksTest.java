package io.kvmcloud.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AcksTest {

    private final Acks acks = new Acks();

    /** Like {@code 3 and all before}, {@code 5}. */
    private final List<String> told = new ArrayList<>();

    @Test
    void whatIsDoneInOrderTakesOneWord() throws IOException {
        delivered(3);
        done(2, 1, 3);
        assertThat(told()).containsExactly("3 and all before");
    }

    @Test
    void whatStandsBehindOneThatIsNotDoneIsAcknowledgedAlone() throws IOException {
        delivered(5);
        done(1, 2, 4, 5);
        assertThat(told()).containsExactly("2 and all before", "4", "5");
    }

    @Test
    void nothingIsAcknowledgedTwice() throws IOException {
        delivered(2);
        done(1);
        assertThat(told()).containsExactly("1 and all before");
        assertThat(told()).isEmpty();
        done(2);
        assertThat(told()).containsExactly("2 and all before");
    }

    @Test
    void whatTheBrokerWasToldOfInAnotherWayHoldsNothingUp() throws IOException {
        delivered(2);
        acks.forget(1);
        done(2);
        assertThat(told()).containsExactly("2 and all before");
    }

    private void delivered(long upTo) {
        for (long tag = 1; tag <= upTo; tag++) {
            acks.delivered(tag);
        }
    }

    private void done(long... tags) {
        for (long tag : tags) {
            acks.done(tag);
        }
    }

    private List<String> told() throws IOException {
        told.clear();
        acks.tell((Channel) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Channel.class}, (_, _, arguments) -> {
                    told.add(arguments[0] + (Boolean.TRUE.equals(arguments[1]) ? " and all before" : ""));
                    return null;
                }));
        return told;
    }
}
