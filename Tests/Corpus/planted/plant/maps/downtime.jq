# Only the end of a stop: then both of its ends are known.
if .data.previousSince != null then
  {workcenter: lookup("work-centers"; .data.asset), from: .data.previousSince, to: .data.since,
   reason: (.data.reason // "stopped")}
else empty end
