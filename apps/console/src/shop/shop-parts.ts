import { provideLifecycle } from '@millrace/service-chassis/app';
import { BooksCheck } from './books/books-check.ts';
import { BooksController } from './books/books.controller.ts';
import { ShopController } from './shop.controller.ts';
import { ShopReader } from './shop-reader.ts';
import { ShopServices } from './shop-services.ts';

/** What the shop adds to the backend of the console. */
export const shopControllers = [ShopController, BooksController];

export const shopProviders = [
  ShopServices,
  ShopReader,
  BooksCheck,
  provideLifecycle({ name: 'the check of the books' }, [BooksCheck], (check) => ({
    start: () => undefined,
    stop: () => check.stop(),
  })),
];
