const FIRST_FACTOR = 0x87c37b91114253d5n;
const SECOND_FACTOR = 0x4cf5ad432745937fn;
const SEED = 104_729n;
const BLOCK_BYTES = 16;

/**
 * The 16 bytes of MurmurHash3_x64_128, with the seed of Kafka Streams (104729). The two halves
 * are written big endian, as Kafka Streams puts them on the wire.
 */
export function murmur3(data: Uint8Array): Uint8Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const blocks = Math.floor(data.length / BLOCK_BYTES);
  let low = SEED;
  let high = SEED;
  for (let block = 0; block < blocks; block++) {
    low ^= mixedLow(view.getBigUint64(block * BLOCK_BYTES, true));
    low = BigInt.asUintN(64, (rotated(low, 27n) + high) * 5n + 0x52dce729n);
    high ^= mixedHigh(view.getBigUint64(block * BLOCK_BYTES + 8, true));
    high = BigInt.asUintN(64, (rotated(high, 31n) + low) * 5n + 0x38495ab5n);
  }
  const rest = data.subarray(blocks * BLOCK_BYTES);
  high ^= mixedHigh(littleEndian(rest.subarray(8)));
  low ^= mixedLow(littleEndian(rest.subarray(0, 8)));
  return finished(low, high, BigInt(data.length));
}

function finished(low: bigint, high: bigint, length: bigint): Uint8Array {
  const sum = BigInt.asUintN(64, (low ^ length) + (high ^ length));
  const avalanchedLow = avalanche(sum);
  const avalanchedHigh = avalanche(BigInt.asUintN(64, (high ^ length) + sum));
  const first = BigInt.asUintN(64, avalanchedLow + avalanchedHigh);
  const hash = new DataView(new ArrayBuffer(BLOCK_BYTES));
  hash.setBigUint64(0, first);
  hash.setBigUint64(8, BigInt.asUintN(64, avalanchedHigh + first));
  return new Uint8Array(hash.buffer);
}

const mixedLow = (part: bigint): bigint =>
  BigInt.asUintN(64, rotated(BigInt.asUintN(64, part * FIRST_FACTOR), 31n) * SECOND_FACTOR);

const mixedHigh = (part: bigint): bigint =>
  BigInt.asUintN(64, rotated(BigInt.asUintN(64, part * SECOND_FACTOR), 33n) * FIRST_FACTOR);

const rotated = (word: bigint, bits: bigint): bigint =>
  BigInt.asUintN(64, (word << bits) | (word >> (64n - bits)));

function avalanche(word: bigint): bigint {
  const once = BigInt.asUintN(64, (word ^ (word >> 33n)) * 0xff51afd7ed558ccdn);
  const twice = BigInt.asUintN(64, (once ^ (once >> 33n)) * 0xc4ceb9fe1a85ec53n);
  return twice ^ (twice >> 33n);
}

function littleEndian(bytes: Uint8Array): bigint {
  let word = 0n;
  for (let index = bytes.length - 1; index >= 0; index--) {
    word = (word << 8n) | BigInt(bytes[index] ?? 0);
  }
  return word;
}
