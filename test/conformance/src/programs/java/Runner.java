import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.utils.Exit;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Runs Kafka's command-line programs one after the other in one JVM, since each start of a JVM
 * costs a second. A line of standard input is a command: class, input and arguments, URL-encoded
 * and separated by blanks. A line of standard output is its result: the exit code and everything
 * that it printed, encoded in the same way.
 */
public final class Runner {
    /** Thrown where Kafka's programs would call System.exit. */
    private static final class Ended extends Error {
        final int code;

        Ended(int code) {
            super("exit " + code);
            this.code = code;
        }
    }

    /**
     * Replaces System.out and System.err once for the whole run, because loggers and consoles keep
     * the streams that they find when they are created.
     */
    private static final class Printed extends OutputStream {
        private ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public synchronized void write(int value) {
            bytes.write(value);
        }

        @Override
        public synchronized void write(byte[] from, int start, int count) {
            bytes.write(from, start, count);
        }

        synchronized String take() {
            String text = bytes.toString(UTF_8);
            bytes = new ByteArrayOutputStream();
            return text;
        }
    }

    private static final List<Thread> atEnd = new ArrayList<>();
    private static volatile Integer exitCode;

    public static void main(String[] args) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, UTF_8);
        Printed printed = new Printed();
        PrintStream output = new PrintStream(printed, true, UTF_8);
        System.setOut(output);
        System.setErr(output);
        Exit.setExitProcedure((code, message) -> {
            if (exitCode == null) exitCode = code;
            throw new Ended(code);
        });
        Exit.setHaltProcedure((code, message) -> {
            if (exitCode == null) exitCode = code;
            throw new Ended(code);
        });
        Exit.setShutdownHookAdder((name, work) -> atEnd.add(new Thread(work, name)));
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String line; (line = commands.readLine()) != null;) {
            int code = run(line.split(" ", -1));
            output.flush();
            answers.println(code + " " + URLEncoder.encode(printed.take(), UTF_8));
        }
        System.exit(0);
    }

    private static int run(String[] fields) throws InterruptedException {
        String[] args = new String[fields.length - 2];
        for (int index = 0; index < args.length; index += 1) args[index] = decoded(fields[index + 2]);
        System.setIn(new ByteArrayInputStream(decoded(fields[1]).getBytes(UTF_8)));
        exitCode = null;
        atEnd.clear();
        int[] returned = {0};
        Thread program = new Thread(() -> returned[0] = call(decoded(fields[0]), args), "main");
        program.start();
        program.join();
        for (Thread hook : new ArrayList<>(atEnd)) hook.start();
        for (Thread hook : new ArrayList<>(atEnd)) hook.join(5_000);
        return exitCode == null ? returned[0] : exitCode;
    }

    /** Returns the exit code that a separate JVM would have: 1 for an uncaught exception. */
    private static int call(String mainClass, String[] args) {
        try {
            Class.forName(mainClass).getMethod("main", String[].class).invoke(null, (Object) args);
            return 0;
        } catch (InvocationTargetException error) {
            if (error.getCause() instanceof Ended ended) return ended.code;
            error.getCause().printStackTrace();
            return 1;
        } catch (ReflectiveOperationException error) {
            error.printStackTrace();
            return 127;
        }
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, UTF_8);
    }
}
