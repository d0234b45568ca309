// What a model's state becomes by each action: the same rules as functions/admin/transitions.py, so that the dialog can
// say what changes before it changes.

/** The fields of a state that people read. */
export const FIELDS = ["live", "previous", "canary", "shadow"];

const OUTCOMES = {
  promote: (state, { version }) =>
    state.live === version
      ? { ...state, canary: null }
      : { live: version, previous: state.live, canary: null, shadow: unless(state.shadow, version) },
  canary: (state, { version, weight }) =>
    weight === 0
      ? { ...state, canary: null }
      : { ...state, canary: { version, weight }, shadow: unless(state.shadow, version) },
  shadow: (state, { version }) => ({ ...state, shadow: version }),
  rollback: (state) =>
    state.canary
      ? { ...state, canary: null }
      : { ...state, live: state.previous, previous: null, shadow: unless(state.shadow, state.previous) },
};

function unless(version, taken) {
  return version === taken ? null : version;
}

/** The four fields after an action. */
export function outcome(action, state, asked) {
  return OUTCOMES[action](pick(state), asked);
}

/** The four fields of a state, null where there is nothing. */
export function pick(state) {
  return Object.fromEntries(FIELDS.map((field) => [field, state?.[field] ?? null]));
}

/** Whether a field is the same in two states. */
export function isSame(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
