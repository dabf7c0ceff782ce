const LENGTH_BYTES = 4;

/** Returns the bytes that all combined keys of one foreign key begin with: int32 length, foreign key. */
export function combinedKeyPrefix(foreignKey: Uint8Array): Uint8Array {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeInt32BE(foreignKey.length);
  return Buffer.concat([length, foreignKey]);
}

/** The key of a subscription in the store of a foreign-key join: int32 length, foreign key, primary key. */
export const combinedKey = (foreignKey: Uint8Array, primaryKey: Uint8Array): Uint8Array =>
  Buffer.concat([combinedKeyPrefix(foreignKey), primaryKey]);

/** The primary key within a combined key. */
export function primaryKeyOf(combined: Uint8Array): Uint8Array {
  const view = new DataView(combined.buffer, combined.byteOffset, combined.byteLength);
  return combined.subarray(LENGTH_BYTES + view.getInt32(0));
}
