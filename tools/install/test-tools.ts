/** Installs what the tests need beside npm packages. Each part says what it does and fails with the remedy. */
import './kcat.ts';
import './programs.ts';
