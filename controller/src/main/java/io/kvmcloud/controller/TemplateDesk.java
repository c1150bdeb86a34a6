package io.kvmcloud.controller;

import io.kvmcloud.controller.instance.Instances;
import io.kvmcloud.controller.template.ImportedTemplates;
import io.kvmcloud.controller.template.Template;
import io.kvmcloud.controller.template.Templates;
import io.kvmcloud.messages.Command.ImportTemplate;
import io.kvmcloud.messages.Command.RemoveTemplate;
import io.kvmcloud.messages.Command.TidyTemplates;
import io.kvmcloud.messages.Command.VerifyTemplates;
import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Leftover;
import io.kvmcloud.messages.Leftover.Kind;
import io.kvmcloud.messages.Reason;
import io.kvmcloud.messages.Reply;
import io.kvmcloud.messages.Reply.TemplateImported.Effect;
import io.kvmcloud.messages.WarmView;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/** What is done to this host's templates. Reading files through is long work for a processor: each has a thread of its own. */
final class TemplateDesk {

    /** More at a time would make all of them late. */
    private static final int MOST_IMPORTS = 4;

    private final Templates templates;
    private final ImportedTemplates imported;
    private final Instances instances;
    private final Semaphore importing = new Semaphore(MOST_IMPORTS, true);
    private volatile Runnable changed = () -> {};

    TemplateDesk(Templates templates, ImportedTemplates imported, Instances instances) {
        this.templates = templates;
        this.imported = imported;
        this.instances = instances;
    }

    /** Tells it from now on when there is another template, or one less. */
    void listen(Runnable listener) {
        changed = listener;
    }

    CompletableFuture<Reply> verify(VerifyTemplates command) {
        return beside(() -> {
            var checks = templates.verify(command.template());
            changed.run();
            return new Reply.TemplatesVerified(command.controller(), checks);
        });
    }

    CompletableFuture<Reply> make(ImportTemplate command) {
        return beside(() -> {
            importing.acquireUninterruptibly();
            try {
                long begun = System.nanoTime();
                Effect outcome = imported.make(command) ? Effect.MADE : Effect.THERE;
                int millis = (int) ((System.nanoTime() - begun) / 1_000_000);
                Template made = templates.get(command.template());
                changed.run();
                return new Reply.TemplateImported(command.controller(), outcome, made.digest(), made.bytes(), millis);
            } finally {
                importing.release();
            }
        });
    }

    /** @param again whether an earlier life of this controller may have removed it */
    CompletableFuture<Reply> remove(RemoveTemplate command, boolean again) {
        return beside(() -> {
            String name = command.template();
            if (!imported.has(name)) {
                requireAbsent(name, again);
            }
            instances.takeAway(name, () -> imported.remove(name));
            changed.run();
            return new Reply.TemplateRemoved(command.controller(), imported.unneeded());
        });
    }

    private void requireAbsent(String name, boolean again) {
        if (templates.knows(name)) {
            throw new CommandFailed(
                    Reason.REFUSED,
                    "template " + name + " was not imported, but put into a template directory of this host",
                    "remove it there");
        }
        if (!again) {
            throw new CommandFailed(
                    Reason.NOT_FOUND, "there is no template " + name, "`kvm-cloud templates` lists them");
        }
    }

    CompletableFuture<Reply> tidy(TidyTemplates command) {
        return beside(() -> {
            List<Leftover> leftovers = new ArrayList<>(imported.tidy(command.dryRun()));
            for (WarmView warm : instances.hypervisor().warm()) {
                if (!templates.knows(warm.template())) {
                    leftovers.add(new Leftover(Kind.WARM, warm.template(), warm.bytes()));
                    if (!command.dryRun()) {
                        instances.hypervisor().cool(warm.template());
                    }
                }
            }
            return new Reply.TemplatesTidied(command.controller(), command.dryRun(), leftovers);
        });
    }

    private static CompletableFuture<Reply> beside(Supplier<Reply> work) {
        return CompletableFuture.supplyAsync(
                work, task -> Thread.ofPlatform().daemon().name("templates").start(task));
    }
}
