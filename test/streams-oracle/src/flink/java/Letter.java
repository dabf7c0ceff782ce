import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;

/** An event. Flink needs the public fields and the constructor without parameters. */
public class Letter {
    public int index;
    public String letter;
    public int number;
    public long timeMs;

    public Letter() {}

    Letter(int index, JsonNode event) {
        this.index = index;
        letter = event.get("letter").asText();
        number = event.get("number").asInt();
        timeMs = event.get("timeMs").asLong();
    }

    static Letter tick(long timeMs) {
        var tick = new Letter();
        tick.index = -1;
        tick.letter = "tick";
        tick.timeMs = timeMs;
        return tick;
    }

    boolean isTick() {
        return index < 0;
    }
}
