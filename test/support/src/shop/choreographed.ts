export const choreographed = 'choreographed';
