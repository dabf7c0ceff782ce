/** One node of Apache Kafka with a local tier and a remote one, each a folder. */
export declare class TieredKafka {
    #private;
    readonly bootstrapServers: readonly string[];
    private constructor();
    static start(): Promise<TieredKafka>;
    /** The first offsets of the segments of partition 0 that the broker's own disk has, in order. */
    localSegments(topic: string): Promise<readonly number[]>;
    /** The first offsets of the segments that were copied to the remote tier, in order. */
    remoteSegments(topic: string): Promise<readonly number[]>;
    /** Restarts the broker with the data of both tiers. */
    restart(): Promise<void>;
    close(): Promise<void>;
}
