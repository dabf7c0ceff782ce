export const chromium = { name: 'chromium', neededFor: 'the tests of the console in a browser' };
