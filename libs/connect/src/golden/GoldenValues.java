// Writes connect-4.3.1.tsv with the converters and transforms of Apache Kafka 4.3.1:
//   java -cp "KAFKA/libs/*" GoldenValues.java > connect-4.3.1.tsv
import org.apache.kafka.connect.data.*;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.transforms.*;
import java.math.BigDecimal;
import java.util.*;
public class GoldenValues {
  static void p(String n, byte[] b) { System.out.println(n + "\t" + (b == null ? "null" : new String(b))); }
  public static void main(String[] a) throws Exception {
    Schema inner = SchemaBuilder.struct().name("inner").optional().field("x", Schema.FLOAT64_SCHEMA).build();
    Schema s = SchemaBuilder.struct().name("shop.Value").version(2).doc("a row")
      .field("b", Schema.BOOLEAN_SCHEMA).field("i8", Schema.INT8_SCHEMA).field("i16", Schema.INT16_SCHEMA).field("i32", Schema.INT32_SCHEMA)
      .field("i64", Schema.INT64_SCHEMA).field("f32", Schema.FLOAT32_SCHEMA).field("f64", Schema.FLOAT64_SCHEMA)
      .field("text", Schema.OPTIONAL_STRING_SCHEMA).field("bytes", Schema.BYTES_SCHEMA)
      .field("dec", Decimal.schema(2)).field("ts", Timestamp.SCHEMA).field("date", org.apache.kafka.connect.data.Date.SCHEMA)
      .field("list", SchemaBuilder.array(Schema.INT32_SCHEMA).optional().build())
      .field("map", SchemaBuilder.map(Schema.STRING_SCHEMA, Schema.INT64_SCHEMA).build())
      .field("pairs", SchemaBuilder.map(Schema.INT32_SCHEMA, Schema.STRING_SCHEMA).build())
      .field("def", SchemaBuilder.string().defaultValue("d").build())
      .field("par", SchemaBuilder.int64().name("io.debezium.time.MicroTimestamp").version(1).parameter("k", "v").optional().build())
      .field("inner", inner).build();
    Struct v = new Struct(s).put("b", true).put("i8", (byte) -1).put("i16", (short) 300).put("i32", 70000).put("i64", 9007199254740993L)
      .put("f32", 1.5f).put("f64", 2.25).put("text", null).put("bytes", new byte[]{0, 1, (byte) 255}).put("dec", new BigDecimal("-12.34"))
      .put("ts", new java.util.Date(1699999200000L)).put("date", new java.util.Date(86400000L * 19675)).put("list", List.of(1, 2))
      .put("map", new TreeMap<>(Map.of("a", 1L))).put("pairs", Map.of(7, "seven")).put("par", 1699999200000001L).put("inner", new Struct(inner).put("x", 0.5));
    for (String fmt : new String[]{"BASE64", "NUMERIC"}) for (boolean en : new boolean[]{true, false}) {
      JsonConverter c = new JsonConverter(); c.configure(Map.of("schemas.enable", "" + en, "decimal.format", fmt), false);
      p(fmt + " " + en, c.fromConnectData("t", s, v));
    }
    JsonConverter c = new JsonConverter(); c.configure(Map.of("schemas.enable", "true"), false);
    p("null with schema", c.fromConnectData("t", s.isOptional() ? s : SchemaBuilder.struct().optional().field("a", Schema.INT32_SCHEMA).build(), null));
    p("null without", c.fromConnectData("t", null, null));
    p("plain in envelope", c.fromConnectData("t", null, Map.of("a", 1L)));
    JsonConverter n = new JsonConverter(); n.configure(Map.of("schemas.enable", "false"), false);
    p("null plain schema", n.fromConnectData("t", Schema.OPTIONAL_STRING_SCHEMA, null));
    p("string plain", n.fromConnectData("t", Schema.STRING_SCHEMA, "x"));
    org.apache.kafka.connect.storage.StringConverter sc = new org.apache.kafka.connect.storage.StringConverter(); sc.configure(Map.of(), false);
    Schema k = SchemaBuilder.struct().field("id", Schema.INT32_SCHEMA).field("no", Schema.OPTIONAL_STRING_SCHEMA).build();
    p("string of struct", sc.fromConnectData("t", k, new Struct(k).put("id", 1)));
    // transforms
    for (String[] f : new String[][]{{"yyyy-MM-dd'T'HH:mm:ss.SSSXXX","1699999200123"},{"dd.MM.yy HH:mm:ss Z","1699999200123"},{"yyyyMMdd","1699999200123"}}) {
      TimestampConverter.Value<SinkRecord> t = new TimestampConverter.Value<>(); t.configure(Map.of("target.type","string","format",f[0],"field","ts"));
      SinkRecord r = t.apply(new SinkRecord("t",0,null,null,null,Map.of("ts",Long.parseLong(f[1])),5));
      System.out.println("ts " + f[0] + "\t" + r.value());
      TimestampConverter.Value<SinkRecord> u = new TimestampConverter.Value<>(); u.configure(Map.of("target.type","unix","format",f[0],"field","ts"));
      System.out.println("back " + f[0] + "\t" + u.apply(r).value());
    }
    for (String tt : new String[]{"Date","Time","Timestamp","unix"}) {
      TimestampConverter.Value<SinkRecord> t = new TimestampConverter.Value<>(); t.configure(Map.of("target.type",tt,"field","ts","unix.precision","microseconds"));
      Schema ss = SchemaBuilder.struct().field("ts", Schema.INT64_SCHEMA).build();
      SinkRecord r = t.apply(new SinkRecord("t",0,null,null,ss,new Struct(ss).put("ts",1699999200123456L),5));
      JsonConverter cc = new JsonConverter(); cc.configure(Map.of("schemas.enable","true"), false);
      p("target " + tt, cc.fromConnectData("t", r.valueSchema(), r.value()));
    }
    InsertField.Value<SinkRecord> ins = new InsertField.Value<>(); ins.configure(Map.of("topic.field","tp","offset.field","off!","static.field","st","static.value","v","timestamp.field","tm","partition.field","pt"));
    Schema ss = SchemaBuilder.struct().name("n").field("a", Schema.INT32_SCHEMA).build();
    SinkRecord r = ins.apply(new SinkRecord("t",3,null,null,ss,new Struct(ss).put("a",1),5L,1699999200123L,org.apache.kafka.common.record.TimestampType.CREATE_TIME));
    p("insert", c.fromConnectData("t", r.valueSchema(), r.value()));
    ReplaceField.Value<SinkRecord> rep = new ReplaceField.Value<>(); rep.configure(Map.of("exclude","tp,st","renames","a:b,pt:part"));
    SinkRecord q = rep.apply(r); p("replace", c.fromConnectData("t", q.valueSchema(), q.value()));
    ValueToKey<SinkRecord> vk = new ValueToKey<>(); vk.configure(Map.of("fields","a,tp"));
    SinkRecord w = vk.apply(r); p("valueToKey", c.fromConnectData("t", w.keySchema(), w.key()));
    ExtractField.Key<SinkRecord> ek = new ExtractField.Key<>(); ek.configure(Map.of("field","a"));
    SinkRecord e = ek.apply(w); p("extract", c.fromConnectData("t", e.keySchema(), e.key()));
    for (String[] x : new String[][]{{"(.*)-raw","$1"},{"shop\\.(.*)\\.(.*)","$2_\\$x"},{"raw","x"}}) {
      RegexRouter<SinkRecord> rr = new RegexRouter<>(); rr.configure(Map.of("regex",x[0],"replacement",x[1]));
      for (String tpc : new String[]{"orders-raw","shop.public.orders"}) System.out.println("route " + x[0] + " " + tpc + "\t" + rr.apply(new SinkRecord(tpc,0,null,null,null,null,1)).topic());
    }
  }
}
