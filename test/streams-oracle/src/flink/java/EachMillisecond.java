import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;

/** Advances the watermark with each event to the millisecond before it. */
final class EachMillisecond implements WatermarkGenerator<Letter> {
    @Override
    public void onEvent(Letter event, long timeMs, WatermarkOutput output) {
        output.emitWatermark(new Watermark(timeMs - 1));
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {}
}
