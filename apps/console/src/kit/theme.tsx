import { computed, signal } from '@preact/signals';

type Theme = 'auto' | 'light' | 'dark';
const themes: readonly Theme[] = ['auto', 'light', 'dark'];
const key = 'millrace-theme';

const theme = signal<Theme>(themes.find((one) => one === window.localStorage.getItem(key)) ?? 'auto');

const dark = window.matchMedia('(prefers-color-scheme: dark)');
const prefersDark = signal(dark.matches);
dark.addEventListener('change', ({ matches }) => (prefersDark.value = matches));

/** Whether the theme is dark. Drawings on a canvas follow it, because styles do not reach them. */
export const isDark = computed(() => (theme.value === 'auto' ? prefersDark.value : theme.value === 'dark'));

/** Applies the theme of the last visit. */
export function keepTheme(): void {
  document.documentElement.dataset['theme'] = theme.value;
}

export function ThemeSwitch() {
  const next = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'auto';
  const change = () => {
    theme.value = next;
    window.localStorage.setItem(key, next);
    keepTheme();
  };
  return (
    <button type="button" class="plain" onClick={change} title={`change to ${next}`}>
      Colours: {theme.value}
    </button>
  );
}
