package io.kvmcloud.health;

import io.kvmcloud.messages.CommandFailed;
import io.kvmcloud.messages.Finding;
import java.util.ArrayList;
import java.util.List;

/** One precondition. To add another, write it and name it in the list of whoever is to look at it. */
public interface Check {

    /** What it looks at, in a word. */
    String name();

    /**
     * What it finds, good or bad; at least one.
     *
     * @throws CommandFailed when that is that something does not work at all; its hint is the fix
     */
    List<Finding> findings();

    /** A check under a name. */
    static Check of(String name, Look look) {
        return new Check() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public List<Finding> findings() {
                return look.at(name);
            }
        };
    }

    /** How a check looks. */
    interface Look {
        /** @param name of the check, for the findings */
        List<Finding> at(String name);
    }

    /** What all of these find, in their order; one that fails is a finding itself. */
    static List<Finding> all(List<Check> checks) {
        List<Finding> findings = new ArrayList<>();
        for (Check check : checks) {
            try {
                findings.addAll(check.findings());
            } catch (CommandFailed failed) {
                findings.add(Finding.of(check.name(), failed));
            } catch (RuntimeException defect) {
                findings.add(Finding.fail(check.name(), "cannot be looked at: " + defect, "please report it"));
            }
        }
        return findings;
    }
}
