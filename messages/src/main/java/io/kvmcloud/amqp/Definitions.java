package io.kvmcloud.amqp;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Text;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * The broker's definitions file: vhost, exchanges, queues, policies, and every user with what its role may do. Users come from
 * {@link Role}, the rest from {@code definitions.json} beside this class.
 *
 * @param vhost the virtual host that holds the cloud
 * @param accounts every user, the administrator first
 */
public record Definitions(String vhost, List<Account> accounts) {

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final SecureRandom RANDOM = new SecureRandom();

    private static final Pattern USER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}");

    /** Who runs the broker; the one that its management console lets in. */
    public static final String ADMINISTRATOR = "admin";

    /**
     * A user of the broker.
     *
     * @param name what it logs in as
     * @param role what it may do
     */
    public record Account(String name, Role role) {}

    /** @throws IllegalArgumentException when a user has no proper name, or two have the same */
    public Definitions {
        accounts = List.copyOf(accounts);
        Set<String> seen = new HashSet<>();
        for (Account account : accounts) {
            String user = checked(account.name());
            if (!seen.add(user)) {
                throw new IllegalArgumentException(
                        "'" + user + "' cannot be two users at once: each controller and operator needs a name of its"
                                + " own, and " + ADMINISTRATOR + " and " + Topology.MANAGER_USER + " are taken");
            }
        }
    }

    /** With a user of its name for each controller, and operators who may ask for anything. */
    public Definitions(String vhost, List<ControllerName> controllers, List<String> operators) {
        this(
                vhost,
                withPeople(
                        controllers,
                        operators.stream()
                                .map(name -> new Account(name, new Role.Operator(null)))
                                .toList()));
    }

    /** The users of a cloud: administrator, managers, each controller, and these people. */
    public static List<Account> withPeople(List<ControllerName> controllers, List<Account> people) {
        List<Account> all = new ArrayList<>();
        all.add(new Account(ADMINISTRATOR, new Role.Administrator()));
        all.add(new Account(Topology.MANAGER_USER, new Role.Manager()));
        controllers.forEach(name -> all.add(new Account(name.value(), new Role.Host())));
        all.addAll(people);
        return all;
    }

    /**
     * The same name.
     *
     * @throws IllegalArgumentException when no user can be called so
     */
    public static String checked(String user) {
        if (!USER.matcher(user).matches()) {
            throw new IllegalArgumentException("'" + Text.shorten(user)
                    + "' is not a user name: 1 to 64 letters, digits, dots, dashes, underscores and @");
        }
        return user;
    }

    /** Every user's name, the administrator first. */
    public List<String> users() {
        return accounts.stream().map(Account::name).toList();
    }

    /**
     * The file's text. Passwords are in it as salted hashes only, so it is no secret.
     *
     * @param password of each user in {@link #users}
     */
    public String json(UnaryOperator<String> password) {
        ObjectNode file = template();
        file.remove("comment");
        file.set("vhosts", JSON.createArrayNode().add(JSON.createObjectNode().put("name", vhost)));
        ArrayNode users = file.putArray("users");
        ArrayNode permissions = file.putArray("permissions");
        ArrayNode topicPermissions = file.putArray("topic_permissions");
        for (Account account : accounts) {
            Rights rights = account.role().rights(account.name());
            users.addObject()
                    .put("name", account.name())
                    .put("tags", account.role() instanceof Role.Administrator ? "administrator" : "")
                    .setAll(hashed(password.apply(account.name())));
            permissions
                    .addObject()
                    .put("user", account.name())
                    .put("configure", rights.configure())
                    .put("write", rights.write())
                    .put("read", rights.read());
            new TreeMap<>(rights.topics())
                    .forEach((exchange, keys) -> topicPermissions
                            .addObject()
                            .put("user", account.name())
                            .put("exchange", exchange)
                            .put("write", keys.write())
                            .put("read", keys.read()));
        }
        for (String section :
                List.of("permissions", "topic_permissions", "exchanges", "queues", "bindings", "policies")) {
            file.get(section).forEach(entry -> ((ObjectNode) entry).put("vhost", vhost));
        }
        return file.toPrettyString() + "\n";
    }

    /** A new password: 191 random bits that need no quoting anywhere. */
    public static String newPassword() {
        byte[] bytes = new byte[24];
        RANDOM.nextBytes(bytes);
        bytes[0] &= 0x7f; // so that it begins with a letter, not with a dash that would make an option of it
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** How a broker is told a password: it cannot be read back from that. */
    static ObjectNode hashed(String password) {
        return JSON.createObjectNode()
                .put("password_hash", hash(password))
                .put("hashing_algorithm", "rabbit_password_hashing_sha256");
    }

    private static ObjectNode template() {
        try (InputStream file = Definitions.class.getResourceAsStream("definitions.json")) {
            return (ObjectNode) JSON.readTree(Objects.requireNonNull(file, "definitions.json is not in the jar"));
        } catch (IOException defect) {
            throw new IllegalStateException("definitions.json cannot be read", defect);
        }
    }

    /** RabbitMQ's own form (its manual, "Passwords"): base64 of salt and SHA-256 of salt and password. */
    private static String hash(String password) {
        byte[] salt = new byte[4];
        RANDOM.nextBytes(salt);
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(salt);
            byte[] digest = sha256.digest(password.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder()
                    .encodeToString(ByteBuffer.allocate(salt.length + digest.length)
                            .put(salt)
                            .put(digest)
                            .array());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
