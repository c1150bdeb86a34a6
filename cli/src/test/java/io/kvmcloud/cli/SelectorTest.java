package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.Reason;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who is meant. */
class SelectorTest {

    private final FakeCloud cloud = new FakeCloud();

    @BeforeEach
    void someHaveNames() {
        cloud.rows.clear();
        cloud.put("s1/1000", "web-1");
        cloud.put("s1/1001", "web-2");
        cloud.put("s2/2000", "web");
        cloud.put("s2/2001", "");
        cloud.put("s3/30", "s1-db");
        cloud.put("s3/301", "");
    }

    @ParameterizedTest
    @CsvSource({
        "s1/1000, s1/1000",
        "web-1, s1/1000",
        "web, s2/2000",
        "s1-, s3/30",
        "s1-db, s3/30",
        "s3/30, s3/30",
        "s3/301, s3/301",
        "s2/*1, s2/2001",
        "web-[2-9], s1/1001"
    })
    void aWordMeansOne(String word, String id) {
        assertThat(selector().one(word).instance().id()).hasToString(id);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            web-*        | s1/1000 s1/1001
            web*         | s1/1000 s1/1001 s2/2000
            web-?        | s1/1000 s1/1001
            {web,s1-db}  | s2/2000 s3/30
            s2/*         | s2/2000 s2/2001
            s*/30*       | s3/30 s3/301
            s*           | s3/30
            *            | s1/1000 s1/1001 s2/2000 s2/2001 s3/30 s3/301
            */*          | s1/1000 s1/1001 s2/2000 s2/2001 s3/30 s3/301
            """)
    void aPatternMeansAllThatItMatchesAndWithASlashItIsComparedWithIds(String word, String ids) {
        assertThat(selector().all(word))
                .extracting(row -> row.instance().id().toString())
                .containsExactly(ids.split(" "));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            web-      | 'web-' is the beginning of 2 instances: s1/1000 web-1, s1/1001 web-2 | write more of it, or `web-*`
            s2/       | 's2/' is the beginning of 2 instances: s2/2000 web, s2/2001          | write more of it
            web-*     | 'web-*' matches 2 instances: s1/1000 web-1, s1/1001 web-2            | one is wanted here
            " "       | ' ' means no instance                                                | write an id like s1/1000
            web-[     | 'web-[' is no pattern                                                | patterns are written like
            """)
    void whatCouldBeSeveralIsRefusedWithAllOfThem(String word, String message, String hint) {
        assertRefused(word, Reason.INVALID, message, hint);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            wbe-1     | there is no instance 'wbe-1'          | did you mean `web-1`?
            s1/100    | there is no instance s1/100           | did you mean `s1/1000`?
            s9/1      | there is no instance s9/1             | `kvm-cloud instances` lists all
            S1/1000   | there is no instance 'S1/1000'        | did you mean `s1/1000`?
            db*       | no instance has a name like 'db*'     | 's1/*' is for ids
            s9/*      | no instance has an id like 's9/*'     | 'web-*' for names
            """)
    void whatMeansNobodyIsNotFound(String word, String message, String hint) {
        assertRefused(word, Reason.NOT_FOUND, message, hint);
    }

    @Test
    void twoOfTheSameNameAreToldApartByTheirIds() {
        cloud.put("s4/4000", "web");

        assertRefused("web", Reason.INVALID, "'web' is the name of 2 instances: s2/2000 web, s4/4000 web", "the id");
    }

    @Test
    void manyAreNotAllListed() {
        for (int number = 0; number < 100; number++) {
            cloud.put("s5/" + (5000 + number), "many-" + number);
        }

        assertRefused("many", Reason.INVALID, "'many' is the beginning of 100 instances: s5/5000 many-0,", "many*");
        assertThatThrownBy(() -> selector().one("many")).hasMessageEndingWith("s5/5007 many-7, …");
    }

    @Test
    void onlyAFullIdNeedsNoList() {
        assertThat(Selector.id("s1/100")).contains(InstanceId.parse("s1/100"));
        assertThat(List.of("s1", "s1/", "web", "s1/*", "1000"))
                .allMatch(word -> Selector.id(word).isEmpty());
    }

    private void assertRefused(String word, Reason reason, String message, String hint) {
        assertThatThrownBy(() -> selector().one(word)).isInstanceOfSatisfying(CommandFailed.class, failed -> {
            assertThat(failed.failure().reason()).isEqualTo(reason);
            assertThat(failed.failure().message()).startsWith(message);
            assertThat(failed.failure().hint()).contains(hint);
        });
    }

    private Selector selector() {
        return new Selector(List.copyOf(cloud.rows.values()));
    }
}
