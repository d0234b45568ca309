// How often a job is asked after: soon at first, then ever less, and not while nobody looks.

const FIRST_MS = 600;
const FACTOR = 1.5;
const MOST_MS = 15000;

/** Milliseconds before the next look. */
export function pause(looks) {
  return Math.min(MOST_MS, FIRST_MS * FACTOR ** looks);
}

/** Resolves after a while, once the page is looked at; rejects when the signal says so. */
export function rested(ms, signal) {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    };
    const seen = () => {
      if (document.hidden) return;
      end();
      resolve();
    };
    const timer = setTimeout(() => {
      if (document.hidden) document.addEventListener("visibilitychange", seen);
      else seen();
    }, ms);
    signal.addEventListener("abort", () => {
      end();
      reject(signal.reason);
    });
  });
}
