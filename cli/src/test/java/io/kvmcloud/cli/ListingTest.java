package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.InstanceStatus;
import io.kvmcloud.messages.InstanceView;
import io.kvmcloud.messages.MemorySize;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of a result is shown, and in which order. */
class ListingTest {

    @TempDir
    private Path home;

    private final FakeCloud cloud = new FakeCloud();

    @BeforeEach
    void fourInstances() {
        cloud.rows.clear();
        put("s1/9", "cirros", 512, 1, InstanceStatus.ONLINE, "", true);
        put("s1/10", "debian", 64, 2, InstanceStatus.OFFLINE, "", true);
        put("s2/2000", "debian", 2048, 16, InstanceStatus.FAILED, "the disk, \"again\"", true);
        put("s2/2001", "micro", 128, 4, InstanceStatus.ONLINE, "", false);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            status=online             | s1/9
            status=OFFLINE            | s1/10
            Status!=online            | s1/10 s2/2000 s2/2001
            status=unreachable        | s2/2001
            host=s1                   | s1/9 s1/10
            host=s2 template=debian   | s2/2000
            template=*i*              | s1/9 s1/10 s2/2000 s2/2001
            template=d?bian           | s1/10 s2/2000
            template~EB               | s1/10 s2/2000
            note~disk                 | s2/2000
            note!=                    | s2/2000
            id=s1/*                   | s1/9 s1/10
            ssh-port=2200             | s1/9 s1/10 s2/2000 s2/2001
            RAM=64                    | s1/10
            template=.*               |
            """)
    void filtersChooseRowsAndAllMustHold(String filters, String ids) {
        String expected = ids == null ? "" : ids.replace(' ', '\n') + "\n";

        assertThat(type(("instances -q " + filters).split(" ")).out()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --sort memory         | s1/10 s2/2001 s1/9 s2/2000
            --sort -memory        | s2/2000 s1/9 s2/2001 s1/10
            --sort=-cpus          | s2/2000 s2/2001 s1/10 s1/9
            --sort -cpus          | s2/2000 s2/2001 s1/10 s1/9
            --sort template       | s1/9 s1/10 s2/2000 s2/2001
            --sort -id            | s2/2001 s2/2000 s1/10 s1/9
            --sort note           | s2/2000 s1/9 s1/10 s2/2001
            """)
    void rowsAreSortedByWhatIsInThemAndStayInOrderWhereItIsTheSame(String sort, String ids) {
        assertThat(type(("instances -q " + sort).split(" ")).out()).isEqualTo(ids.replace(' ', '\n') + "\n");
    }

    @Test
    void columnsAreChosenByNameOrHeaderInAnyOrder() {
        assertThat(type("instances", "-c", "status,ID,ssh port", "host=s1").out())
                .isEqualTo("""
                        status   ID     SSH port
                        ONLINE   s1/9   2200
                        OFFLINE  s1/10  -
                        """);
        assertThat(type("instances", "-c", "id,host", "--no-headers", "host=s1").out())
                .isEqualTo("s1/9   s1\ns1/10  s1\n");
        assertThat(type("info", "s1/9", "-c", "sshPort,login").out()).isEqualTo("SSH port  2200\nlogin     cirros\n");
        assertThat(type("info", "s1/9", "-c", "sshPort", "--no-headers").out()).isEqualTo("2200\n");
        assertThat(type("templates", "-c", "name,login").out()).isEqualTo("name    login\ncirros  cirros\n");
        assertThat(type("run", "s1/10", "s2/2000", "-c", "id,status").out()).isEqualTo("""
                        ID       status
                        s1/10    ONLINE
                        s2/2000  ONLINE
                        """);
    }

    @Test
    void chosenColumnsOfATreeAreFieldsOfTheWholeOneAndWhatIsComputed() {
        assertThat(type("instances", "-c", "id,status,host", "-f", "json", "host=s2", "status!=failed")
                        .out())
                .as("reachable says whether the status is true")
                .isEqualTo("""
                        [ {
                          "id" : "s2/2001",
                          "status" : "ONLINE",
                          "host" : "s2"
                        } ]
                        """);
        assertThat(type("info", "s1/9", "-c", "memory,boot", "-f", "yaml").out())
                .isEqualTo("""
                        memory: 512
                        boot:
                          kind: ""
                          millis: 0
                          note: ""
                        """);
    }

    @Test
    void valuesAreSeparatedByBlanksAndNoneIsADash() {
        assertThat(type("instances", "-f", "value", "-c", "id,sshPort,status,note")
                        .out())
                .isEqualTo("""
                        s1/9 2200 ONLINE -
                        s1/10 2200 OFFLINE -
                        s2/2000 2200 FAILED the disk, "again"
                        s2/2001 2200 UNREACHABLE -
                        """);
    }

    @Test
    void cellsWithCommasAndQuotesAreQuotedInCsv() {
        assertThat(type("instances", "-f", "csv", "-c", "id,note,cpus", "host=s2")
                        .out())
                .isEqualTo("id,note,cpus\r\ns2/2000,\"the disk, \"\"again\"\"\",16\r\ns2/2001,,4\r\n");
    }

    @Test
    void quietIsIdsOneALineInEveryFormatAndOfWhatWasDoneOnly() {
        assertThat(type("instances", "-q", "-f", "json", "host=s1").out()).isEqualTo("s1/9\ns1/10\n");
        assertThat(type("new", "cirros", "64", "1", "-q").out()).isEqualTo("s2/2001\n");
        assertThat(type("launch", "cirros", "--count", "2", "--no-wait", "-q")
                        .out()
                        .lines())
                .containsExactlyInAnyOrder("s2/2002", "s2/2003"); // as they come
        assertThat(type("run", "s1/9", "s1/10", "-q")).satisfies(run -> {
            assertThat(run.out()).isEqualTo("s1/10\n");
            assertThat(run.err()).contains("s1/9 is already ONLINE");
        });
        assertThat(type("templates", "-q").out()).isEqualTo("cirros\n");
        assertThat(type("controllers", "-q", "status=up").out()).isEqualTo("s1\n");
        assertThat(type("dead-letters", "list", "-q", "type=instance.*").out()).isEqualTo("5e0c9a71\n");
    }

    @Test
    void aFilterThatLeavesNothingIsToldApartFromACloudWithNothing() {
        assertThat(type("instances", "-q", "status=onlin")).isEqualTo(new Typed(0, "", "none of 4 matches\n"));
    }

    @Test
    void tenThousandRowsAreFilteredSortedAndWritten() {
        cloud.rows.clear();
        for (int number = 0; number < 10_000; number++) {
            put("s1/" + number, "cirros", 1 + number % 100, 1, InstanceStatus.ONLINE, "note\u001b[1m " + number, true);
        }
        for (Format format : Format.values()) {
            Typed list = type("instances", "status=online", "note~note", "--sort", "-memory", "-f", format.toString());
            assertThat(list.out().split("s1/", -1)).hasSize(10_001);
        }
    }

    private void put(
            String id,
            String template,
            int mebibytes,
            int cpus,
            InstanceStatus status,
            String note,
            boolean reachable) {
        InstanceView like = FakeCloud.instance(id, status, 2200, note);
        cloud.put(
                new InstanceView(
                        InstanceId.parse(id),
                        template,
                        MemorySize.ofMebibytes(mebibytes),
                        cpus,
                        like.sshPort(),
                        like.address(),
                        like.login(),
                        status,
                        like.created(),
                        note),
                reachable ? 0.4 : 61,
                reachable);
    }

    private Typed type(String... words) {
        return Typed.at(cloud, home, List.of(words).toArray(new String[0]));
    }
}
