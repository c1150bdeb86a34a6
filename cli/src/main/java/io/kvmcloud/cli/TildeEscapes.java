package io.kvmcloud.cli;

/**
 * What a tilde at the beginning of a line means to us and not to the guest, as in ssh(1), ESCAPE CHARACTERS.
 *
 * <p>Shells ask a terminal where its cursor is, and what it answers comes as if it were typed ({@code ESC [ 24 ; 1 R}, ECMA-48
 * CPR): behind that, a line is as new as it was before.
 */
final class TildeEscapes {

    /** What there is to know about them. */
    static final String HELP = "~.  leaves; the instance runs on\n~~  types a tilde\n~?  shows this";

    /**
     * What is to be done about keys.
     *
     * @param text for the guest
     * @param help whether {@link #HELP} was asked for
     * @param leave whether that is all, and for ever
     */
    record Meant(String text, boolean help, boolean leave) {}

    /** Shells begin a new line then. */
    private static final char CTRL_C = 3;

    /** How much of an answer of the terminal has come. */
    private enum Answer {
        NONE,
        ESCAPE,
        NUMBERS
    }

    private boolean beginning = true;
    private boolean tilde;
    private Answer answer = Answer.NONE;

    /** The next keys, of which there may be several; what follows one that leaves is for nobody. */
    Meant next(String keys) {
        var text = new StringBuilder();
        boolean help = false;
        for (int i = 0; i < keys.length(); i++) {
            char key = keys.charAt(i);
            if (tilde) {
                tilde = false;
                if (key == '.') {
                    return new Meant(text.toString(), help, true);
                }
                if (key == '?') {
                    help = true;
                    continue;
                }
                text.append(key == '~' ? "" : "~");
                beginning = false;
            } else if (beginning && answer == Answer.NONE && key == '~') {
                tilde = true;
                continue;
            }
            text.append(key);
            typed(key);
        }
        return new Meant(text.toString(), help, false);
    }

    private void typed(char key) {
        switch (answer) {
            case NONE -> {
                if (key == '\u001b') {
                    answer = Answer.ESCAPE;
                } else {
                    beginning = key == '\r' || key == '\n' || key == CTRL_C;
                }
            }
            case ESCAPE -> {
                answer = key == '[' ? Answer.NUMBERS : Answer.NONE;
                beginning &= key == '[';
            }
            case NUMBERS -> {
                if (!Character.isDigit(key) && key != ';' && key != '?' && key != '>') {
                    answer = Answer.NONE;
                    beginning &= key == 'R' || key == 'c' || key == 'n';
                }
            }
        }
    }
}
