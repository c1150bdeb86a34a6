package io.kvmcloud.amqp;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * The broker's definitions file: vhost, exchanges, queues, policies, and one user for each role with what it may do. The
 * one source is {@code definitions.json} beside this class; here its placeholders are filled in.
 *
 * @param vhost the virtual host that holds the cloud
 * @param controllers each gets a user of its name
 * @param operators users who may ask for anything
 */
public record Definitions(String vhost, List<ControllerName> controllers, List<String> operators) {

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final SecureRandom RANDOM = new SecureRandom();

    private static final Pattern USER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}");

    /** @throws IllegalArgumentException when a user has no proper name, or two have the same */
    public Definitions {
        controllers = List.copyOf(controllers);
        operators = List.copyOf(operators);
        Set<String> seen = new HashSet<>();
        for (String user : users(controllers, operators)) {
            if (!USER.matcher(user).matches()) {
                throw new IllegalArgumentException("'" + Text.shorten(user)
                        + "' is not a user name: 1 to 64 letters, digits, dots, dashes, underscores and @");
            }
            if (!seen.add(user)) {
                throw new IllegalArgumentException(
                        "'" + user + "' cannot be two users at once: each controller and operator needs a name of its"
                                + " own, and admin and " + Topology.MANAGER_USER + " are taken");
            }
        }
    }

    /** Every user the file has, the administrator first. */
    public List<String> users() {
        return users(controllers, operators);
    }

    private static List<String> users(List<ControllerName> controllers, List<String> operators) {
        List<String> users = new ArrayList<>(List.of("admin", Topology.MANAGER_USER));
        controllers.forEach(name -> users.add(name.value()));
        users.addAll(operators);
        return users;
    }

    /**
     * The file's text. Passwords are in it as salted hashes only, so it is no secret.
     *
     * @param password of each user in {@link #users}
     */
    public String json(UnaryOperator<String> password) {
        ObjectNode template = template();
        template.remove("comment");
        template.set(
                "vhosts", JSON.createArrayNode().add(JSON.createObjectNode().put("name", vhost)));
        for (String section : List.of("users", "permissions", "topic_permissions")) {
            template.set(section, expand((ArrayNode) template.get(section)));
        }
        template.get("users").forEach(user -> {
            String name = user.get("name").textValue();
            ((ObjectNode) user)
                    .put("password_hash", hash(password.apply(name)))
                    .put("hashing_algorithm", "rabbit_password_hashing_sha256");
        });
        for (String section :
                List.of("permissions", "topic_permissions", "exchanges", "queues", "bindings", "policies")) {
            template.get(section).forEach(entry -> ((ObjectNode) entry).put("vhost", vhost));
        }
        return template.toPrettyString() + "\n";
    }

    /** A new password: 192 random bits that need no quoting anywhere. */
    public static String newPassword() {
        byte[] bytes = new byte[24];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private ArrayNode expand(ArrayNode section) {
        ArrayNode expanded = JSON.createArrayNode();
        for (JsonNode entry : section) {
            String text = entry.toString();
            if (text.contains("{controller}")) {
                controllers.forEach(name -> expanded.add(parse(text.replace("{controller}", name.value()))));
            } else if (text.contains("{operator}")) {
                operators.forEach(name -> expanded.add(parse(text.replace("{operator}", name))));
            } else {
                expanded.add(entry);
            }
        }
        return expanded;
    }

    private static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException defect) {
            throw new IllegalStateException("a name broke the definitions: " + json, defect);
        }
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
