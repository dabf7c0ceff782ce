/** A topic that scripts write to, and what they write. */
export interface Input {
  readonly topic: string;
  readonly keys: readonly string[];
  readonly values: readonly string[];
}

/** Words of different lengths, some of them several words, and some that delete. */
const words = ['ant', 'bee!', 'apple pie', 'cat', 'ant bee ant', 'c', 'beetle', 'now!'];
const keys = ['k1', 'k2', 'k3', 'ant'];

export const textInput = (topic: string): Input => ({ topic, keys, values: words });

/** The keys are the first letters of the words of other topics. */
export const lettersInput = (topic: string): Input => ({ topic, keys: ['a', 'b', 'c'], values: words });

/** The values are times in milliseconds, some of them negative. */
export const timesInput = (topic: string): Input => ({
  topic,
  keys,
  values: ['-1', '0', '5000', '9999', '10000', '-70000', '3000', '86400000'],
});
