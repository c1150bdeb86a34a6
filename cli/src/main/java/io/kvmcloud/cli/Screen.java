package io.kvmcloud.cli;

import java.util.List;

/** The whole window, painted over and over; what was there before is there again when it is closed, however we end. */
final class Screen implements AutoCloseable {

    private static final String ENTER = "\u001b[?1049h\u001b[?25l";
    private static final String LEAVE = "\u001b[?25h\u001b[?1049l";
    private static final String HOME = "\u001b[H";
    private static final String REST_OF_LINE = "\u001b[K";
    private static final String REST = "\u001b[J";

    private final Output output;
    private final boolean colours;
    private final RawTerminal terminal;

    /** @param colours whether a line may stand out */
    Screen(Output output, boolean colours) {
        this.output = output;
        this.colours = colours;
        this.terminal = new RawTerminal(() -> output.raw(LEAVE));
        output.raw(ENTER);
    }

    /** Shows this and nothing else; the first line stands out. */
    void show(List<String> lines) {
        var text = new StringBuilder(HOME);
        for (int i = 0; i < lines.size(); i++) {
            String line = Output.plain(lines.get(i));
            text.append(i == 0 ? "" : "\r\n");
            text.append(i == 0 && colours ? "\u001b[1m" + line + "\u001b[0m" : line)
                    .append(REST_OF_LINE);
        }
        output.raw(text.append(REST).toString());
    }

    @Override
    public void close() {
        terminal.close();
    }
}
