// Which candidates of a plane no other one beats, to join them by a line.

/** Whether a larger score is better, as the drops of a report tell; of an error a smaller one is. */
export function isMoreBetter(report) {
  const told = report.tried.find((each) => each.score !== null && each.drop);
  return told ? (report.original.score - told.score) * told.drop > 0 : true;
}

/** Marks as `front` the points that are sound and that no sound one beats in both directions. */
export function fronted(points, isMore) {
  const sound = points.filter((point) => point.kind !== "fails");
  const beats = (one, other) => {
    const gain = (isMore ? 1 : -1) * (one.y - other.y);
    return one.x <= other.x && gain >= 0 && (one.x < other.x || gain > 0);
  };
  const best = new Set(sound.filter((point) => !sound.some((other) => beats(other, point))));
  return points.map((point) => ({ ...point, front: best.has(point) }));
}
