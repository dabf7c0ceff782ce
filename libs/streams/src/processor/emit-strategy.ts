/**
 * When a windowed aggregation sends results: at each update of a window, or once, when the window
 * has closed (KIP-825).
 */
export type EmitStrategy = 'on_window_update' | 'on_window_close';

export const onWindowUpdate: EmitStrategy = 'on_window_update';
export const onWindowClose: EmitStrategy = 'on_window_close';
