import { render } from 'preact';
import { keepTheme } from '../../../console/src/kit/theme.tsx';
import { DashboardPage } from './dashboard-page.tsx';
import { followMinutes } from './follow-minutes.ts';

keepTheme();
followMinutes('/page-views/live');
const place = document.getElementById('page');
if (place !== null) render(<DashboardPage />, place);
