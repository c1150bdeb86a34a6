package io.kvmcloud.cli;

import io.kvmcloud.messages.Command.ImportTemplate;
import io.kvmcloud.messages.Command.RemoveTemplate;
import io.kvmcloud.messages.Command.TidyTemplates;
import io.kvmcloud.messages.Command.VerifyTemplates;
import io.kvmcloud.messages.Command.WarmTemplate;
import io.kvmcloud.messages.ControllerName;
import io.kvmcloud.messages.Leftover;
import io.kvmcloud.messages.MemorySize;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.Reply.TemplateWarmed.Outcome;
import io.kvmcloud.messages.TemplateCheck;
import io.kvmcloud.messages.TemplateView;
import java.util.List;
import java.util.function.Consumer;

/** Templates without a host: cirros is on s1 and s2, of which s2 is away, and on s1 a damaged one. */
final class FakeTemplates {

    static final TemplateView CIRROS = new TemplateView(
            "cirros",
            "CirrOS is a tiny OS",
            MemorySize.ofMebibytes(64),
            "cirros",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            31_457_280L,
            true);

    /** What cirros is on s2 when its files are read; empty while s2 is away. */
    volatile String digestOnS2 = "";
    /** What s1 does with what it is to import. */
    volatile Consumer<ImportTemplate> onImport = _ -> {};

    /** s1 has cirros and a damaged one. */
    Reply verified(VerifyTemplates verify) {
        if (verify.controller().value().equals("s2")) {
            if (digestOnS2.isEmpty()) {
                throw FakeCloud.away();
            }
            return new Reply.TemplatesVerified(
                    verify.controller(),
                    List.of(new TemplateCheck("cirros", TemplateCheck.State.OK, digestOnS2, 31_457_280, "")));
        }
        List<TemplateCheck> all = List.of(
                new TemplateCheck("cirros", TemplateCheck.State.OK, CIRROS.digest(), 31_457_280, ""),
                new TemplateCheck("old", TemplateCheck.State.DAMAGED, "", 0, "disk is missing"));
        List<TemplateCheck> found = all.stream()
                .filter(check -> verify.template().isEmpty() || check.template().equals(verify.template()))
                .toList();
        return new Reply.TemplatesVerified(
                verify.controller(),
                found.isEmpty()
                        ? List.of(
                                new TemplateCheck(verify.template(), TemplateCheck.State.MISSING, "", 0, "not present"))
                        : found);
    }

    Reply imported(ImportTemplate made) {
        onlyOnS1(made.controller());
        onImport.accept(made);
        return new Reply.TemplateImported(
                made.controller(), Reply.TemplateImported.Effect.MADE, CIRROS.digest(), 31_457_280, 1250);
    }

    Reply warmed(WarmTemplate warm) {
        onlyOnS1(warm.controller());
        return warm.awaited()
                ? new Reply.TemplateWarmed(warm.controller(), Outcome.MADE, 4210, 150_994_944)
                : new Reply.TemplateWarmed(warm.controller(), Outcome.BEGUN, 0, 0);
    }

    Reply removed(RemoveTemplate removed) {
        onlyOnS1(removed.controller());
        return new Reply.TemplateRemoved(removed.controller(), 31_457_280);
    }

    Reply tidied(TidyTemplates tidy) {
        onlyOnS1(tidy.controller());
        return new Reply.TemplatesTidied(
                tidy.controller(),
                tidy.dryRun(),
                List.of(
                        new Leftover(Leftover.Kind.IMAGE, CIRROS.digest(), 31_457_280),
                        new Leftover(Leftover.Kind.IMPORT, "mine", 1 << 20),
                        new Leftover(Leftover.Kind.WARM, "old", 1 << 20),
                        new Leftover(Leftover.Kind.WARM, "old", 1 << 20)));
    }

    private static void onlyOnS1(ControllerName controller) {
        if (controller.value().equals("s2")) {
            throw FakeCloud.away();
        }
    }
}
