import { useSignal } from '@preact/signals';
import { openSession, postJson } from '../kit/session.ts';

/** Asks for the token of `CONSOLE_TOKEN`. The browser keeps a cookie that no script can read. */
export function SignIn() {
  const token = useSignal('');
  const problem = useSignal('');
  const signIn = async (event: Event) => {
    event.preventDefault();
    try {
      await postJson('/api/session', { token: token.value });
      await openSession();
    } catch (error) {
      problem.value = (error as Error).message;
    }
  };
  return (
    <main class="sign-in">
      <form onSubmit={(event) => void signIn(event)}>
        <h1>Millrace</h1>
        <label>
          The token of this console (<code>CONSOLE_TOKEN</code>)
          <input
            type="password"
            autoComplete="current-password"
            required
            value={token.value}
            onInput={({ currentTarget }) => (token.value = currentTarget.value)}
          />
        </label>
        {problem.value !== '' && (
          <p class="problem" role="alert">
            {problem.value}
          </p>
        )}
        <button type="submit">Sign in</button>
      </form>
    </main>
  );
}
