package io.kvmcloud.amqp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kvmcloud.amqp.Definitions.Account;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Spelling;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The users as the broker has them, through its management API. */
public final class BrokerUsers implements Users {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String WHO = "`kvm-cloud user list` shows who there is";

    private final ManagementAddress address;

    /** Connects when something is asked. */
    public BrokerUsers(ManagementAddress address) {
        this.address = address;
    }

    @Override
    public List<User> list() {
        try (var api = new ManagementApi(address)) {
            return list(api);
        }
    }

    @Override
    public void add(Account account, String password) {
        String name = account.name();
        try (var api = new ManagementApi(address)) {
            List<User> there = list(api);
            demandHost(account.role().host(), there);
            if (api.get("users", name).isPresent()) {
                throw new CommandFailed(
                        Reason.REFUSED,
                        "there is a user '" + name + "' already"
                                + there.stream()
                                        .filter(user -> user.name().equals(name))
                                        .map(user -> ", with role " + user.role())
                                        .findFirst()
                                        .orElse(", of another virtual host"),
                        "choose another name, or `kvm-cloud user rm " + name + "` first");
            }
            api.put(Definitions.hashed(password).put("tags", ""), "users", name);
            try {
                grant(api, name, account.role().rights(name));
            } catch (RuntimeException failed) {
                api.delete("users", name);
                throw failed;
            }
        }
    }

    @Override
    public void remove(String name) {
        try (var api = new ManagementApi(address)) {
            List<User> there = list(api);
            User user = there.stream()
                    .filter(one -> one.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new CommandFailed(
                            Reason.NOT_FOUND,
                            "there is no user '" + name + "' in virtual host " + address.vhost(),
                            didYouMean(name, there.stream().map(User::name).toList())));
            String inTheWay = inTheWay(api, user);
            if (!inTheWay.isEmpty()) {
                throw new CommandFailed(
                        Reason.REFUSED,
                        "user '" + name + "' is not removed: " + inTheWay,
                        "`user rm` is for people; RabbitMQ's console removes any user");
            }
            api.delete("users", name);
        }
    }

    /** Keys first: a user who has the exchange and no keys yet may publish with all of them. */
    private void grant(ManagementApi api, String name, Rights rights) {
        rights.topics()
                .forEach((exchange, keys) -> api.put(
                        JSON.createObjectNode()
                                .put("exchange", exchange)
                                .put("write", keys.write())
                                .put("read", keys.read()),
                        "topic-permissions",
                        address.vhost(),
                        name));
        api.put(
                JSON.createObjectNode()
                        .put("configure", rights.configure())
                        .put("write", rights.write())
                        .put("read", rights.read()),
                "permissions",
                address.vhost(),
                name);
    }

    private String inTheWay(ManagementApi api, User user) {
        if (Stream.of(new Role.Administrator(), new Role.Manager(), new Role.Host())
                .anyMatch(role -> role.word().equals(user.role()))) {
            return "the cloud needs it, it is " + (user.role().equals("administrator") ? "an " : "a ") + user.role();
        }
        JsonNode tags =
                api.get("users", user.name()).map(found -> found.path("tags")).orElseGet(JSON::nullNode);
        if (tags.isArray() ? !tags.isEmpty() : !tags.asText("").isEmpty()) {
            return "it may use the management API: " + tags;
        }
        return api.get("users", user.name(), "permissions").stream()
                .flatMap(JsonNode::valueStream)
                .map(permission -> permission.path("vhost").asText())
                .filter(vhost -> !vhost.equals(address.vhost()))
                .findFirst()
                .map(vhost -> "it is also a user of virtual host " + vhost)
                .orElse("");
    }

    private List<User> list(ManagementApi api) {
        Map<String, Map<String, Rights.Keys>> topics = new HashMap<>();
        inVhost(api, "topic-permissions")
                .forEach(one -> topics.computeIfAbsent(one.path("user").asText(), _ -> new HashMap<>())
                        .put(
                                one.path("exchange").asText(),
                                new Rights.Keys(
                                        one.path("write").asText(),
                                        one.path("read").asText())));
        return inVhost(api, "permissions")
                .map(one -> user(one, topics.getOrDefault(one.path("user").asText(), Map.of())))
                .sorted(Comparator.comparing(User::name))
                .toList();
    }

    private static User user(JsonNode permission, Map<String, Rights.Keys> topics) {
        String name = permission.path("user").asText();
        Rights rights = new Rights(
                permission.path("configure").asText(),
                permission.path("write").asText(),
                permission.path("read").asText(),
                topics);
        return Role.of(name, rights)
                .map(role -> new User(name, role.word(), role.host()))
                .orElseGet(() -> new User(name, "other", ""));
    }

    private Stream<JsonNode> inVhost(ManagementApi api, String what) {
        return api.get("vhosts", address.vhost(), what)
                .orElseThrow(() -> new CommandFailed(
                        Reason.NOT_FOUND,
                        "the broker at " + address + " has no virtual host '" + address.vhost() + "'",
                        "check the end of --amqp (KVM_CLOUD_AMQP), and import the definitions file that"
                                + " `kvm-cloud definitions` writes"))
                .valueStream();
    }

    private static void demandHost(String host, List<User> there) {
        List<String> hosts = there.stream()
                .filter(user -> user.role().equals(new Role.Host().word()))
                .map(User::name)
                .toList();
        if (!host.isEmpty() && !hosts.contains(host)) {
            throw new CommandFailed(
                    Reason.NOT_FOUND,
                    "no controller '" + host + "' has a user here; there are: " + String.join(", ", hosts),
                    didYouMean(host, hosts));
        }
    }

    private static String didYouMean(String word, List<String> known) {
        return Spelling.nearest(word, known)
                .map(name -> "did you mean " + name + "?")
                .orElse(WHO);
    }
}
