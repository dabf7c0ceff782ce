/** Kafka's name for the files of a segment: the base offset with 20 digits. */
export const segmentName = (baseOffset: bigint): string => baseOffset.toString().padStart(20, '0');
