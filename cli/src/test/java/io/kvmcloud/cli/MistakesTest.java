package io.kvmcloud.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply.Failure;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is wrong is said with what to type instead, before anything is sent; every failure has its exit code. */
class MistakesTest {

    @TempDir
    private Path home;

    private final FakeCloud cloud = new FakeCloud();

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            instnces                   | there is no verb 'instnces'                       | did you mean `instances`?
            INSTANCES                  | there is no verb 'INSTANCES'                      | did you mean `instances`?
            contr                      | there is no verb 'contr'                          | did you mean `controllers`?
            frobnicate                 | there is no verb 'frobnicate'                     | `kvm-cloud help` lists the verbs
            exec web                   | there is no verb 'exec'                           | did you mean `ssh`?
            version                    | there is no verb 'version'                        | did you mean `--version`?
            help frob                  | there is no verb 'frob'                           | `kvm-cloud help` lists the verbs
            new cirros 64 2 --ssh-keys x | 'new' has no option '--ssh-keys'                | did you mean `--ssh-key`?
            --frmat json instances     | kvm-cloud has no option '--frmat'                 | did you mean `--format`?
            new cirros                 | 'new' needs RAM                                   | write it like `kvm-cloud new TEMPLATE RAM CPUS`
            new cirros 64X 2           | '64X' is not a size: write MiB                    | write it like `kvm-cloud new TEMPLATE
            new cirros 0 2             | memory must be between 1 MiB and 16777216 MiB     | write it like `kvm-cloud new TEMPLATE
            new cirros -64 2           | '-64' is not a size                               | write it like `kvm-cloud new TEMPLATE
            new cirros 17T 2           | memory must be between                            | write it like `kvm-cloud new TEMPLATE
            new cirros 999999999999 2  | memory must be between                            | write it like `kvm-cloud new TEMPLATE
            new cirros 64 0            | CPUs must be between 1 and 256, not 0             | `kvm-cloud new micro 128 1`
            new cirros 64 two          | CPUS: 'two' is not a whole number                 | write it like `kvm-cloud new TEMPLATE
            new cirros 64 9999999999   | CPUS: '9999999999' is too large a number          | write it like `kvm-cloud new TEMPLATE
            new cirros 64 2 3          | 'new' does not take '3'                           | write it like `kvm-cloud new TEMPLATE
            new cirros 64 2 --ssh-key /nowhere | cannot read the public key /nowhere       | --ssh-key names the public half
            new cirros 64 2 --name Web | 'Web' is not a name for an instance: 1 to 63 of   | write it like --name web-1
            new cirros 64 2 --name s1/1 | 's1/1' is not a name for an instance             | write it like --name web-1
            new cirros 64 2 --count 0  | --count is between 1 and 100, not 0               | write it like --count 3
            new cirros 64 2 --disk 4X  | --disk: '4X' is not a size: write MiB             | write it like `kvm-cloud new TEMPLATE
            new cirros 64 2 --disk 17T | --disk: a disk has at most 16777216 MiB (16 TiB)  | write it like `kvm-cloud new TEMPLATE
            launch --name web-         | 'web-' is not a name for an instance              | write it like --name web-1
            launch --count 101         | --count is between 1 and 100, not 101             | write it like --count 3
            run                        | 'run' needs ID or --all                           | write it like `kvm-cloud run ID…`
            run s1/1000 --all          | 'run' needs either ID or --all, not both          | write it like `kvm-cloud run ID…`
            stop s1/1000 --timeout 0   | a stop may take between 1 and 3600 seconds, not 0 | --timeout 60
            stop s1/1000 --timeout x   | --timeout: 'x' is not a whole number              | write it like `kvm-cloud stop ID…`
            logs s1/1000 -n 0          | a log has between 1 and 10000 lines, not 0        | -n 100
            instances web-*            | 'instances' does not take 'web-*'                 | did you mean `kvm-cloud instances 'name=web-*'`?
            instances s1/*             | 'instances' does not take 's1/*'                  | did you mean `kvm-cloud instances 'id=s1/*'`?
            instances -o json          | 'instances' has no option '-o'                    | did you mean `--format`?
            events -f -f json          | --follow is there twice                           | here -f is --follow: write it like --format json
            op list                    | 'op' does not take 'list'                         | write it like `kvm-cloud op show`
            template import mine       | 'template import' needs --disk FILE|URL           | write it like `kvm-cloud template import NAME --disk FILE|URL`
            help tempalte              | there is no verb 'tempalte'                       | did you mean `template`?
            help template shw          | 'template' does not take 'shw'                    | did you mean `kvm-cloud template show`?
            info                       | 'info' needs ID                                   | write it like `kvm-cloud info ID`
            logs s1/1000 -n -3         | a log has between 1 and 10000 lines, not -3       | -n 100
            instances --wait 0         | --wait: 0 seconds are too few                     | --wait 1
            instances -f xml           | --format: 'xml' is not a format: write table, json, yaml, csv, value | write it like `kvm-cloud instances
            instances -c id,foo        | there is no column 'foo'; there are id, name, temp | write it like id,name
            instances stauts=online    | there is no column 'stauts'; there are id, name,  | did you mean `status`?
            instances --sort -foo      | there is no column 'foo'; there are id, name, temp | write it like id,name
            instances --sort           | 'instances' needs --sort COLUMN                   | write it like `kvm-cloud instances COLUMN=VALUE…`
            instances online           | 'instances' does not take 'online'                | write it like `kvm-cloud instances COLUMN=VALUE…`
            info s1/1000 -c ?          | there is no column '?'; there are id, name, status | write it like id,name
            instances --amqp localhost | 'localhost' is not a broker URI                   | write it like amqp://
            ssh s1/1000 uname -a       | 'ssh' has no option '-a'                          | write it like `kvm-cloud ssh ID -- CMD…`
            controllers forget         | 'controllers forget' needs CONTROLLER             | write it like `kvm-cloud controllers forget CONTROLLER…`
            controllers froget s1      | 'controllers' does not take 'froget'              | did you mean `kvm-cloud controllers forget`?
            controllers forget S1      | 'S1' is not a controller name                     | write it like `kvm-cloud controllers forget CONTROLLER…`
            template                   | 'template' needs show or import or verify or warm or rm or gc| `kvm-cloud help template` tells all
            template shw cirros        | 'template' does not take 'shw'                    | did you mean `kvm-cloud template show`?
            template warm              | 'template warm' needs TEMPLATE                    | write it like `kvm-cloud template warm TEMPLATE`
            forward s1/1000 8080       | '8080' is no forward: it is written HOST:GUEST    | write it like `kvm-cloud forward ID HOST:GUEST`
            forward s1/1000 --remove x | --remove: 'x' is no port: it is written like      | write it like `kvm-cloud forward ID
            dead-letters drop          | 'dead-letters drop' needs LETTER or --all         | `kvm-cloud dead-letters` lists them
            dead-letters drop x --all  | 'dead-letters drop' needs either LETTER or --all  | `kvm-cloud dead-letters` lists them
            dead-letters sho           | 'dead-letters' does not take 'sho'                | did you mean `kvm-cloud dead-letters show`?
            completion tcsh            | there is no completion for 'tcsh', only for bash, zsh and fish | kvm-cloud completion bash
            up --purge                 | 'up' is done by the script ./kvm-cloud            | type `./kvm-cloud up --purge`
            """)
    void aMistakeIsNamedAndNothingIsSent(String line, String message, String hint) {
        Typed typed = Typed.at(cloud, home, line.split(" "));

        assertThat(typed.exit()).isEqualTo(2);
        assertThat(typed.out()).isEmpty();
        assertThat(typed.err())
                .startsWith("kvm-cloud: " + message)
                .contains("\n  hint: ")
                .contains(hint)
                .endsWith("   (exit 2)\n");
        assertThat(cloud.asked).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Reason.class)
    void aFailureIsMessageHintAndTheExitCodeOfItsReason(Reason reason) {
        cloud.failure = new Failure(reason, "no controller can take it\n  s1: draining", "ask for less");

        Typed typed = Typed.at(cloud, home, "instances");

        assertThat(typed)
                .isEqualTo(new Typed(
                        reason.exitCode(),
                        "",
                        "kvm-cloud: no controller can take it\n  s1: draining\n  hint: ask for less   (exit "
                                + reason.exitCode() + ")\n"));
    }

    @ParameterizedTest
    @CsvSource({"-f,json,kill,s1/1000", "kill,s1/1000,--format,json", "kill,-fjson,s1/1000,--wait=2"})
    void aFailureIsJsonOnStderrWhenJsonIsAskedFor(String one, String two, String three, String four) {
        cloud.failure = new Failure(Reason.REFUSED, "not running", "");

        Typed typed = Typed.at(cloud, home, Stream.of(one, two, three, four).toArray(String[]::new));

        assertThat(typed)
                .isEqualTo(new Typed(6, "", """
                        {
                          "error" : {
                            "reason" : "REFUSED",
                            "exitCode" : 6,
                            "message" : "not running",
                            "hint" : "",
                            "op" : "%s"
                          }
                        }
                        """.formatted(cloud.ops.getFirst().id())));
    }

    @Test
    void aWrongCommandLineIsJsonToo() {
        assertThat(Typed.at(cloud, home, "kil", "s1/1000", "--format=json").err())
                .startsWith("{\n  \"error\" : {");
        assertThat(Typed.at(cloud, home, "kill", "-n", "-f", "json").err()).contains("\"reason\" : \"INVALID\"");
        assertThat(Typed.at(cloud, home, "kill", "-n", "-fyaml").err()).startsWith("error:\n  reason: INVALID\n");
        assertThat(Typed.at(cloud, home, "kill", "-n", "-f", "csv").err()).startsWith("kvm-cloud: 'kill' has no");
    }

    @Test
    void aFailureCannotPaintTheTerminal() {
        cloud.failure = new Failure(Reason.FAILED, "QEMU said \u001b]0;pwned\u0007\u001b[31mno\u001b[0m\r\n", "");

        assertThat(Typed.at(cloud, home, "instances").err()).isEqualTo("kvm-cloud: QEMU said no   (exit 1)\n");
    }

    @Test
    void noVerbWithoutATerminalIsUsage() {
        Typed typed = Typed.at(cloud, home);

        assertThat(typed.exit()).isEqualTo(2);
        assertThat(typed.out()).isEmpty();
        assertThat(typed.err()).startsWith("Usage: kvm-cloud ").contains("instances, list, ls");
    }

    @Test
    void helpAndVersionAreResults() {
        assertThat(Typed.at(cloud, home, "--version"))
                .matches(typed -> typed.out().startsWith("kvm-cloud "));
        assertThat(Typed.at(cloud, home, "help").out())
                .isEqualTo(Typed.at(cloud, home, "--help").out());
        assertThat(Typed.at(cloud, home, "help", "new").out())
                .isEqualTo(Typed.at(cloud, home, "new", "--help").out())
                .containsPattern("TEMPLATE\\s+RAM\\s+CPUS")
                .doesNotContain("\u001b");
        assertThat(Typed.at(cloud, home, "help", "template", "import").out())
                .isEqualTo(Typed.at(cloud, home, "template", "import", "--help").out());
    }

    @Test
    void aClosedPipeEndsItWithoutAWord() {
        Typed typed = Typed.at(cloud, home, failing("Broken pipe"), "instances");

        assertThat(typed).isEqualTo(new Typed(141, "", ""));
    }

    @Test
    void aFullDiskIsAnErrorAndNotSilence() {
        Typed typed = Typed.at(cloud, home, failing("No space left on device"), "instances");

        assertThat(typed)
                .isEqualTo(
                        new Typed(1, "", "kvm-cloud: cannot write the result: No space left on device   (exit 1)\n"));
    }

    private static OutputStream failing(String why) {
        return new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                throw new IOException(why);
            }
        };
    }
}
