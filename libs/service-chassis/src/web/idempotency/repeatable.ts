import { SetMetadata } from '@nestjs/common';

const REPEATABLE = Symbol('repeatable');

/**
 * Leaves a POST without a transaction of its request and without a kept answer. Its handler does the
 * same work again when it is repeated, and may take longer than a transaction.
 */
export const Repeatable = () => SetMetadata(REPEATABLE, true);

export const isRepeatable = (handler: object): boolean => Reflect.getMetadata(REPEATABLE, handler) === true;
