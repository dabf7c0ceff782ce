import { render } from 'preact';
import { followLinks } from '../kit/router.ts';
import { openSession } from '../kit/session.ts';
import { Shell } from './shell.tsx';
import { keepTheme } from '../kit/theme.tsx';

keepTheme();
followLinks();
void openSession();
const place = document.getElementById('page');
if (place !== null) render(<Shell />, place);
