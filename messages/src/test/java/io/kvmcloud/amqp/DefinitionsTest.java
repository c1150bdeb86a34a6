package io.kvmcloud.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.kvmcloud.messages.ControllerName;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the broker is told; that it holds against attackers is shown by PermissionsIT. */
class DefinitionsTest {

    private static final ControllerName S1 = new ControllerName("s1");

    private final Definitions definitions = new Definitions(
            "kvm-cloud", List.of(S1, new ControllerName("s2")), List.of("operator", "alice@example.org"));

    @Test
    void eachRoleHasAUser() {
        assertThat(definitions.users())
                .containsExactly("admin", "kvm-manager", "s1", "s2", "operator", "alice@example.org");
    }

    @Test
    void noPlaceholderIsLeftAndEverythingIsInTheVhost() throws Exception {
        JsonNode file = new JsonMapper().readTree(definitions.json(user -> "secret of " + user));
        assertThat(file.toString()).doesNotContain("{controller}", "{operator}", "secret of");
        for (String section :
                List.of("permissions", "topic_permissions", "exchanges", "queues", "bindings", "policies")) {
            assertThat(file.get(section))
                    .as(section)
                    .isNotEmpty()
                    .allMatch(entry -> entry.path("vhost").asText().equals("kvm-cloud"));
        }
    }

    @Test
    void passwordsAreSaltedHashesInRabbitMqsForm() throws Exception {
        JsonNode user = new JsonMapper()
                .readTree(definitions.json(name -> "secret of " + name))
                .get("users")
                .get(2);
        byte[] hash = Base64.getDecoder().decode(user.get("password_hash").asText());
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        sha256.update(hash, 0, 4);
        assertThat(Arrays.copyOfRange(hash, 4, hash.length))
                .isEqualTo(sha256.digest("secret of s1".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void passwordsAreLongDifferentAndNeedNoQuoting() {
        assertThat(Definitions.newPassword()).matches("[A-Za-z0-9_-]{32}").isNotEqualTo(Definitions.newPassword());
    }

    @ParameterizedTest
    @ValueSource(strings = {"s1", "admin", "kvm-manager"})
    void twoUsersOfOneNameAreRefusedSinceOneWouldHaveTheOthersRights(String operator) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Definitions("v", List.of(S1), List.of(operator)))
                .withMessageContaining("'" + operator + "' cannot be two users");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "x\",\"tags\":\"administrator", ".*", "-x", "a\n"})
    void anOperatorsNameIsOneWord(String operator) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Definitions("v", List.of(S1), List.of(operator)))
                .withMessageContaining("is not a user name");
    }
}
