package io.kvmcloud;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The map of the house, executable: which room may know which. The same map is drawn in the README. */
class HouseTest {

    private static final JavaClasses HOUSE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.kvmcloud");

    private static final String[] JDK = {
        "java..", "javax..", "com.sun.management..", "com.sun.net.httpserver..", "org.jspecify..", "org.slf4j.."
    };

    /** A room, and what it may use beside the JDK, annotations and the logger. */
    private static final Map<String, String[]> ROOMS = Map.ofEntries(
            room("messages", "com.fasterxml.jackson.annotation.."),
            room("amqp", "io.kvmcloud.messages", "com.rabbitmq.client..", "com.fasterxml.jackson.."),
            room("lifecycle"),
            room("health", "io.kvmcloud.messages"),
            room("settings", "io.kvmcloud.messages", "io.kvmcloud.amqp", "picocli.."),
            room(
                    "manager",
                    "io.kvmcloud.messages",
                    "io.kvmcloud.health",
                    "io.kvmcloud.amqp",
                    "io.kvmcloud.lifecycle",
                    "io.kvmcloud.settings",
                    "picocli.."),
            room(
                    "controller",
                    "io.kvmcloud.messages",
                    "io.kvmcloud.health",
                    "io.kvmcloud.amqp",
                    "io.kvmcloud.lifecycle",
                    "io.kvmcloud.settings",
                    "io.kvmcloud.controller..",
                    "picocli.."),
            room("controller.disk", "io.kvmcloud.messages"),
            room(
                    "controller.journal",
                    "io.kvmcloud.messages",
                    "io.kvmcloud.amqp",
                    "io.kvmcloud.controller.disk",
                    "com.fasterxml.jackson.."),
            room(
                    "controller.instance",
                    "io.kvmcloud.messages",
                    "io.kvmcloud.lifecycle",
                    "io.kvmcloud.controller.disk",
                    "io.kvmcloud.controller.template",
                    "com.fasterxml.jackson.."),
            room(
                    "controller.template",
                    "io.kvmcloud.messages",
                    "io.kvmcloud.controller.disk",
                    "com.fasterxml.jackson.."),
            room(
                    "controller.qemu",
                    "io.kvmcloud.messages",
                    "io.kvmcloud.health",
                    "io.kvmcloud.lifecycle",
                    "io.kvmcloud.controller.disk",
                    "io.kvmcloud.controller.instance",
                    "io.kvmcloud.controller.template",
                    "com.fasterxml.jackson.."),
            room(
                    "cli",
                    "io.kvmcloud.messages",
                    "io.kvmcloud.health",
                    "io.kvmcloud.amqp",
                    "io.kvmcloud.settings",
                    "picocli..",
                    "org.jline..",
                    "com.fasterxml.jackson.."));

    @TestFactory
    Stream<DynamicTest> eachRoomUsesOnlyWhatItMay() {
        return ROOMS.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(room -> DynamicTest.dynamicTest(
                        room.getKey(),
                        () -> classes()
                                .that()
                                .resideInAPackage("io.kvmcloud." + room.getKey())
                                .should()
                                .onlyDependOnClassesThat()
                                .resideInAnyPackage(Stream.of(
                                                Stream.of(JDK),
                                                Stream.of(room.getValue()),
                                                Stream.of("io.kvmcloud." + room.getKey(), ""))
                                        .flatMap(each -> each)
                                        .toArray(String[]::new))
                                .check(HOUSE)));
    }

    @Test
    void everyClassIsInARoom() {
        classes()
                .should()
                .resideInAnyPackage(ROOMS.keySet().stream()
                        .map(room -> "io.kvmcloud." + room)
                        .toArray(String[]::new))
                .check(HOUSE);
    }

    @Test
    void noTwoRoomsKnowEachOther() {
        slices().matching("io.kvmcloud.(**)").should().beFreeOfCycles().check(HOUSE);
    }

    @Test
    void onlyTheRoadSeesAChannel() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.kvmcloud.amqp")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.rabbitmq..")
                .check(HOUSE);
    }

    @Test
    void nothingIsCalledHelperOrUtil() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .orShould()
                .haveSimpleNameEndingWith("Impl")
                .check(HOUSE);
    }

    @Test
    void noProgramEverUsesAShell() {
        noClasses().should().callMethod(Runtime.class, "exec", String.class).check(HOUSE);
    }

    private static Map.Entry<String, String[]> room(String name, String... mayUse) {
        return Map.entry(name, mayUse);
    }
}
