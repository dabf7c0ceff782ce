const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

export const isUuidV7 = (id: string): boolean => uuidV7.test(id);

/** Unix time in milliseconds: the first 48 bits. Source: RFC 9562, 5.7. */
export const uuidV7TimeMs = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
