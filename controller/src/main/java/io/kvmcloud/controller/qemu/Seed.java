package io.kvmcloud.controller.qemu;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.kvmcloud.controller.instance.GuestSpec;
import io.kvmcloud.messages.UserData;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The NoCloud seed: a small disk from which an image that knows cloud-init's convention learns who it is.
 *
 * <p>Everything in it is JSON, which is YAML as well, and its label is in lower case: CirrOS reads only that.
 */
final class Seed {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** What tells a guest that nobody wrote this user-data. */
    private static final String OURS = "# the keys of meta-data";

    private Seed() {}

    /**
     * @param sshKeys public keys that may log in, each in OpenSSH's one-line form
     * @param userData a person's own; without one it says the keys once more, for images that read them only there
     */
    static byte[] image(GuestSpec spec, List<String> sshKeys, UserData userData) {
        Map<String, Object> identity = new LinkedHashMap<>();
        identity.put("instance-id", spec.uuid().toString());
        identity.put("local-hostname", spec.hostname());
        identity.put("public-keys", sshKeys);
        String ours = "#cloud-config\n" + OURS + "\n" + json(Map.of("ssh_authorized_keys", sshKeys)) + "\n";
        return FatImage.of(
                "cidata",
                (int) spec.uuid().getLeastSignificantBits(),
                List.of(
                        file("meta-data", json(identity) + "\n"),
                        file("user-data", userData.isEmpty() ? ours : userData.text())));
    }

    private static FatImage.Entry file(String name, String text) {
        return new FatImage.Entry(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String json(Object value) {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value);
        } catch (JsonProcessingException defect) {
            throw new IllegalStateException("cannot write a seed as JSON", defect);
        }
    }
}
