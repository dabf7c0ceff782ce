import { assertNever, rejected, type Decider } from '@millrace/event-sourcing';

interface Profile {
  readonly name: string;
  readonly email: string;
}

/** The guides' events, with the guides' names. */
export type UserEvent =
  | ({ type: 'user.created' } & Profile)
  | ({ type: 'user.updated' } & Partial<Profile>)
  | { type: 'user.deleted' };

export type UserCommand =
  ({ type: 'create' } & Profile) | ({ type: 'update' } & Partial<Profile>) | { type: 'delete' };

export type User = { status: 'not found' } | ({ status: 'present' } & Profile);

export const user: Decider<UserCommand, UserEvent, User, 'user_exists' | 'unknown_user'> = {
  initialState: { status: 'not found' },

  decide(command, state) {
    if (command.type === 'create')
      return state.status === 'present'
        ? rejected('user_exists')
        : [{ type: 'user.created', name: command.name, email: command.email }];
    if (state.status === 'not found') return rejected('unknown_user');
    switch (command.type) {
      case 'update': {
        const { type: _type, ...changes } = command;
        return [{ type: 'user.updated', ...changes }];
      }
      case 'delete':
        return [{ type: 'user.deleted' }];
      default:
        return assertNever(command);
    }
  },

  evolve(state, event) {
    switch (event.type) {
      case 'user.created':
        return { status: 'present', name: event.name, email: event.email };
      case 'user.updated': {
        const { type: _type, ...changes } = event;
        return state.status === 'present' ? { ...state, ...changes } : state;
      }
      case 'user.deleted':
        return { status: 'not found' };
      default:
        return assertNever(event);
    }
  },
};
