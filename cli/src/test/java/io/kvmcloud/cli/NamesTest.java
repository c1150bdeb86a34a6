package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.messages.Command;
import io.kvmcloud.messages.Command.DeleteInstance;
import io.kvmcloud.messages.Command.KillInstance;
import io.kvmcloud.messages.Command.ListInstances;
import io.kvmcloud.messages.Command.NewInstance;
import io.kvmcloud.messages.Command.ReadLog;
import io.kvmcloud.messages.DiskSize;
import io.kvmcloud.messages.InstanceId;
import io.kvmcloud.messages.Page;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Instances have names, and verbs take them, and several at once. */
class NamesTest {

    private static final Command<?> LIST = new ListInstances(new Page("", Page.USUAL));

    @TempDir
    private Path home;

    private final FakeCloud cloud = new FakeCloud();

    @BeforeEach
    void someHaveNames() {
        cloud.put("s1/1001", "web-1");
        cloud.put("s2/2001", "web-2");
    }

    @Test
    void aListHasNamesWhenSomebodyHasOne() {
        assertThat(type("instances").out()).isEqualTo("""
                        ID       name   template  RAM  CPUs  SSH port  status
                        s1/1000  -      cirros    64   2     2200      ONLINE
                        s1/1001  web-1  cirros    64   2     -         OFFLINE
                        s2/2000  -      cirros    64   2     -         OFFLINE
                        s2/2001  web-2  cirros    64   2     -         OFFLINE
                        """);
        assertThat(type("info", "web-1").out()).contains("name      web-1\n");
    }

    @Test
    void newAndLaunchTakeANameAndASizeAndCountTheirNames() {
        assertThat(type("new", "cirros", "64", "1", "--name", "db", "--disk", "4G")
                        .out())
                .startsWith("result: ID: s2/");
        assertThat(made()).singleElement().satisfies(command -> {
            assertThat(command.name()).isEqualTo("db");
            assertThat(command.disk()).isEqualTo(new DiskSize(4096));
        });

        assertThat(type("new", "cirros", "64", "1", "--name", "db", "--count", "3")
                        .out()
                        .lines())
                .hasSize(3)
                .allMatch(line -> line.startsWith("result: ID: s2/"));
        type("launch", "cirros", "--no-wait", "--name", "app", "--count", "2", "--disk", "1G");
        type("launch", "cirros", "--no-wait", "--name", "one", "--count", "1");
        assertThat(made())
                .extracting(NewInstance::name)
                .containsExactlyInAnyOrder("db", "db-1", "db-2", "db-3", "app-1", "app-2", "one");
    }

    @Test
    void newWithACountIsAnArrayAsJsonAlsoOfOne() {
        assertThat(type("new", "cirros", "64", "1", "--count", "1", "-f", "json")
                        .out())
                .startsWith("[ {");
        assertThat(type("new", "cirros", "64", "1", "-f", "json").out()).startsWith("{");
        type("new", "cirros", "64", "1", "--count", "2", "--op-id", "mine");
        assertThat(cloud.ops).extracting(OpId.Op::id).contains("mine/1", "mine/2");
    }

    @Test
    void aFullIdGoesStraightThroughAndAnythingElseAsksForTheListOnce() {
        type("kill", "s1/1000", "s2/2000");
        assertThat(cloud.asked).doesNotContain(LIST);
        cloud.asked.clear();

        type("kill", "web-1", "s1/1000", "web-2");
        assertThat(cloud.asked).containsExactlyInAnyOrder(LIST, kill("s1/1001"), kill("s1/1000"), kill("s2/2001"));
        cloud.asked.clear();

        type("logs", "web-1");
        assertThat(cloud.asked).containsExactly(LIST, new ReadLog(InstanceId.parse("s1/1001"), 100));
    }

    @Test
    void aListThatComesInPagesIsOneListForEveryVerb() {
        cloud.mostRows = 1;

        assertThat(type("instances", "-q").out()).isEqualTo("s1/1000\ns1/1001\ns2/2000\ns2/2001\n");
        assertThat(type("kill", "web-*", "--dry-run").out()).contains("s1/1001 web-1", "s2/2001 web-2");
        assertThat(type("info", "web-2", "-q").out()).isEqualTo("s2/2001\n");
    }

    @Test
    void oneIsAnsweredWithOkAndSeveralWithTheirIds() {
        assertThat(type("run", "web-1")).isEqualTo(new Typed(0, "OK\n", ""));
        assertThat(type("kill", "web-?").err()).contains("instance s2/2001 is already OFFLINE");
        assertThat(type("run", "web-*", "s1/1001").out()).isEqualTo("s1/1001 OK\ns2/2001 OK\n");
        assertThat(type("kill", "s2/20*1").out()).isEqualTo("s2/2001 OK\n");
    }

    @Test
    void theBeginningOfANameSaysWhoWasMeant() {
        cloud.put("s3/3000", "db");

        assertThat(type("run", "d")).isEqualTo(new Typed(0, "OK\n", "'d' is s3/3000 db\n"));
        assertThat(type("info", "s3").out()).startsWith("ID        s3/3000\n");
        assertThat(type("run", "web").exit()).isEqualTo(2);
        assertThat(type("info", "web").err()).contains("is the beginning of 2 instances: s1/1001 web-1, s2/2001 web-2");
    }

    @Test
    void aWordThatMeansNobodyDoesNotKeepTheOthersBack() {
        Typed run = type("run", "wbe-1", "web-2", "db-*");

        assertThat(run.exit()).isEqualTo(3);
        assertThat(run.out()).isEqualTo("s2/2001 OK\n");
        assertThat(run.err())
                .contains("there is no instance 'wbe-1'\n  hint: did you mean `web-1`?")
                .contains("no instance has a name like 'db-*'");
    }

    @Test
    void anOpIdIsCompletedWheneverThereCouldBeSeveral() {
        type("run", "web-1", "--op-id", "a");
        type("run", "web-*2", "--op-id", "b");

        assertThat(cloud.ops.stream().filter(OpId.Op::again).map(OpId.Op::id)).containsExactly("a", "b/s2/2001");
    }

    @Test
    void allIsEveryInstance() {
        assertThat(type("stop", "--all").out().lines()).hasSize(1);
        assertThat(cloud.asked).hasSize(5);
        cloud.rows.clear();
        assertThat(type("stop", "--all")).isEqualTo(new Typed(0, "", "no instances\n"));
    }

    @Test
    void aDryRunShowsWhoIsMeantAndDoesNothing() {
        assertThat(type("delete", "web-*", "s1/1000", "--dry-run")).isEqualTo(new Typed(0, """
                        would delete s1/1001 web-1 (OFFLINE)
                        would delete s2/2001 web-2 (OFFLINE)
                        would delete s1/1000 (ONLINE)
                        """, ""));
        assertThat(type("kill", "--all", "--dry-run", "-f", "json").out()).contains("\"name\" : \"web-2\"");
        assertThat(type("kill", "web-*", "--dry-run", "-q").out()).isEqualTo("s1/1001\ns2/2001\n");
        assertThat(type("run", "s9/1", "--dry-run").exit()).isEqualTo(3);
        assertThat(cloud.asked).containsOnly(LIST);
    }

    @Test
    void deletingWhatIsNamedInFullIsNotAskedAbout() {
        assertThat(type("delete", "web-1", "s2/2001").out()).isEqualTo("s1/1001 OK\ns2/2001 OK\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"web-*", "--all", "s1/1001 web-*", "s2/200?"})
    void deletingWhatIsNotNamedInFullTakesAYes(String words) {
        Typed refused = type(("delete -f " + words).split(" "));

        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err())
                .startsWith("kvm-cloud: nothing was deleted: ")
                .contains("s2/2001 web-2")
                .contains("-y says yes");
        assertThat(deleted()).isEmpty();
        assertThat(type(("delete -y -f " + words).split(" ")).exit()).isZero();
        assertThat(deleted()).isNotEmpty();
    }

    @Test
    void aPersonAtATerminalIsAskedWhatNobodyElseCanAnswer() {
        Typed no = answering("n\n", "delete", "web-*");
        assertThat(no.exit()).isEqualTo(6);
        assertThat(no.err())
                .isEqualTo("Delete s1/1001 web-1, s2/2001 web-2? [y/N] kvm-cloud: nothing was deleted:"
                        + " you did not say yes   (exit 6)\n");
        assertThat(answering("", "delete", "--all").exit()).isEqualTo(6);
        assertThat(deleted()).isEmpty();

        assertThat(answering("y\n", "delete", "web-*").out()).isEqualTo("s1/1001 OK\ns2/2001 OK\n");
    }

    private Typed answering(String answer, String... words) {
        return Typed.reading(answer, () -> Typed.atTerminal(cloud, home, words));
    }

    private List<NewInstance> made() {
        return cloud.asked.stream()
                .filter(NewInstance.class::isInstance)
                .map(NewInstance.class::cast)
                .toList();
    }

    private List<Command<?>> deleted() {
        return cloud.asked.stream().filter(DeleteInstance.class::isInstance).toList();
    }

    private static KillInstance kill(String id) {
        return new KillInstance(InstanceId.parse(id));
    }

    private Typed type(String... words) {
        return Typed.at(cloud, home, words);
    }
}
