package io.kvmcloud.amqp;

import java.time.Duration;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** What {@link WithBroker} does; JUnit closes the broker together with the store that holds it. */
final class BrokerExtension implements BeforeAllCallback, ParameterResolver {

    private static final ExtensionContext.Namespace HERE = ExtensionContext.Namespace.create(BrokerExtension.class);

    /** Other tests and builds may keep the machine busy: what comes late has come. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        Awaitility.setDefaultTimeout(PATIENCE);
        ExtensionContext.Store store = context.getStore(HERE);
        if (store.get(TestBroker.class) == null) { // a nested class shares its outer class's
            Class<?> test = context.getRequiredTestClass();
            WithBroker wanted = Objects.requireNonNull(test.getAnnotation(WithBroker.class));
            store.put(TestBroker.class, TestBroker.open(test, wanted));
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TestBroker.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return Objects.requireNonNull(context.getStore(HERE).get(TestBroker.class));
    }
}
