package io.kvmcloud.amqp;

import io.kvmcloud.messages.Reason;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What the end of a session means for those who waited on it: the broker ends one when it refuses what somebody asked. */
final class Loss {

    /** What to do about a broker without our queues. */
    static final String SET_IT_UP = "import the definitions file that `kvm-cloud definitions` writes";

    private static final String ASK_FOR_MORE = "ask whoever runs the broker for a user with more rights"
            + " (`kvm-cloud user add NAME --role operator`), or use another one (--amqp, KVM_CLOUD_AMQP)";

    private Loss() {}

    /**
     * Tells them all.
     *
     * @param why the broker's own words, or what happened to the connection
     * @param user who was logged in
     */
    static void tell(String why, String user, List<Waiting> all) {
        boolean forbidden = why.startsWith("403 ");
        List<Waiting> meant = forbidden ? refused(why, all) : List.of();
        for (Waiting one : all) {
            if (meant.contains(one)) {
                // An earlier sending of it, if there was one, was refused as well.
                one.fail(Reason.REFUSED, notAllowed(user, one) + "; it was not carried out: " + why, ASK_FOR_MORE);
            } else if (forbidden && refuses(why, one.request.ping().key())) {
                one.fail(
                        Reason.REFUSED,
                        notAllowed(user, one) + " and hear what becomes of it, which takes the right to ask for "
                                + one.request.ping().key() + "; it may be carried out: " + why,
                        ASK_FOR_MORE);
            } else if (why.startsWith("404 ")) {
                one.fail(Reason.UNREACHABLE, "this broker is not set up for KVM-cloud: " + why, SET_IT_UP);
            } else {
                one.answer.completeExceptionally(new SessionLost(why, !meant.isEmpty()));
            }
        }
    }

    /** The broker names the key when it is that which is not allowed; else nothing is, on this exchange. */
    private static boolean refuses(String why, String key) {
        return why.contains("access to topic '") ? why.contains("'" + key + "'") : true;
    }

    /**
     * What the broker refused, and what came after it, so was not read, and asks for the same of the same host: a role has that
     * or has it not, so the answer is known without a session for each.
     */
    private static List<Waiting> refused(String why, List<Waiting> all) {
        List<Waiting> named =
                all.stream().filter(one -> refuses(why, one.request.key())).toList();
        Set<String> kinds = named.stream().map(Waiting::kind).collect(Collectors.toSet());
        long first = named.stream().mapToLong(one -> one.sent).min().orElse(Long.MAX_VALUE);
        return all.stream()
                .filter(one -> named.contains(one) || one.sent > first && kinds.contains(one.kind()))
                .toList();
    }

    private static String notAllowed(String user, Waiting one) {
        return "RabbitMQ does not allow user '" + user + "' to ask for "
                + one.request.command().wireName();
    }
}
