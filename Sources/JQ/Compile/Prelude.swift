/// The built-in functions that are written in jq itself.
enum Prelude {
    /// The definition of `name/arity`, or nil.
    static func definition(_ name: String, _ arity: Int) -> Syntax.Definition? { definitions["\(name)/\(arity)"] }

    static let signatures: [(name: String, arity: Int)] = definitions.values.map {
        ($0.name, $0.parameters.count)
    }

    private static let definitions: [String: Syntax.Definition] = {
        // The text is a constant that a test reads through; a fault in it would leave all of these undefined.
        guard let program = try? Parser.parse(source), case .define(let all, _) = program.kind else { return [:] }
        return Dictionary(all.map { ("\($0.name)/\($0.parameters.count)", $0) }, uniquingKeysWith: { $1 })
    }()

    /// Parameters that are used once are written as programs, so that they are compiled into the caller.
    static let source = #"""
        def not: if . then false else true end;
        def select(f): if f then . else empty end;
        def map(f): [.[] | f];
        def map_values(f): .[] |= f;
        def recurse(f): def r: ., (f | r); r;
        def recurse(f; condition): def r: ., (f | select(condition) | r); r;
        def recurse: recurse(.[]?);
        def recurse_down: recurse;
        def values: select(. != null);
        def nulls: select(. == null);
        def booleans: select(type == "boolean");
        def numbers: select(type == "number");
        def strings: select(type == "string");
        def arrays: select(type == "array");
        def objects: select(type == "object");
        def iterables: select(type | . == "array" or . == "object");
        def scalars: select(type | . != "array" and . != "object");
        def isfinite: type == "number" and (isinfinite | not);
        def finites: select(isfinite);
        def normals: select(isnormal);
        def isvalid(f): try (f | true) catch false;
        def add(f): reduce f as $x (null; . + $x);
        def in(container): . as $key | container | has($key);
        def inside(container): . as $part | container | contains($part);
        def isempty(f): first((f | false), true);
        def any(generator; condition): isempty(generator | condition | select(.)) | not;
        def any(condition): any(.[]; condition);
        def any: any(.[]; .);
        def all(generator; condition): isempty(generator | condition | select(. | not));
        def all(condition): all(.[]; condition);
        def all: all(.[]; .);
        def first: .[0];
        def last: .[-1];
        def last(f): reduce f as $x (null; $x);
        def nth($n): .[$n];
        def nth($n; f):
          if $n < 0 then error("nth doesn't support negative indices")
          else first(foreach f as $x ($n + 1; . - 1; if . <= 0 then $x else empty end)) end;
        def skip($n; f):
          if $n > 0 then foreach f as $x ($n; . - 1; if . < 0 then $x else empty end)
          elif $n == 0 then f
          else error("Invalid arguments: skip cannot skip a negative count") end;
        def until(condition; update): def r: if condition then . else (update | r) end; r;
        def while(condition; update): def r: if condition then ., (update | r) else empty end; r;
        def repeat(f): def r: f, r; r;
        def paths: path(..) | select(length > 0);
        def paths(f): path(.. | select(f)) | select(length > 0);
        def leaf_paths: paths(scalars);
        def del(f): delpaths([path(f)]);
        def pick(f): . as $all | reduce path(f) as $p (null; setpath($p; $all | getpath($p)));
        def with_entries(f): to_entries | map(f) | from_entries;
        def sort_by(f): _sort_by(map([f]));
        def group_by(f): _group_by(map([f]));
        def unique_by(f): _unique_by(map([f]));
        def min_by(f): _min_by(map([f]));
        def max_by(f): _max_by(map([f]));
        def walk(f):
          def w: if type == "object" then map_values(w) elif type == "array" then map(w) else . end | f;
          w;
        def combinations:
          if length == 0 then [] else .[0][] as $x | (.[1:] | combinations) as $rest | [$x] + $rest end;
        def combinations(n): . as $all | [range(n)] | map($all) | combinations;
        def input_filename: null;
        def toarray: if type == "array" then . else [.] end;
        def INDEX(stream; key): reduce stream as $row ({}; .[$row | key | tostring] = $row);
        def INDEX(key): INDEX(.[]; key);
        def JOIN($index; key): [.[] | [., $index[key]]];
        def JOIN($index; stream; key): stream | [., $index[key]];
        def JOIN($index; stream; key; join): stream | [., $index[key]] | join;
        def IN(stream): . as $x | any(stream; . == $x);
        def IN(source; stream): any(source == stream; .);
        def ascii: [.] | implode;
        def tostream:
          path(def r: (.[]? | r), .; r) as $p
          | getpath($p)
          | reduce path(.[]?) as $q ([$p, .]; [$p + $q]);
        def fromstream(f):
          {value: null, done: false} as $start
          | foreach f as $item ($start;
              if .done then $start else . end
              | if $item | length == 2
                then .done = ($item[0] | length == 0) | setpath(["value"] + $item[0]; $item[1])
                else .done = ($item[0] | length == 1) end;
              if .done then .value else empty end);
        def truncate_stream(stream):
          . as $n | null | stream | if .[0] | length > $n then .[0] |= .[$n:] else empty end;
        def truncate_stream($n; stream): $n | truncate_stream(stream);
        def test(re): _test(re);
        def test(re; flags): _test(re; flags);
        def match(re): _matches(re) | .[];
        def match(re; flags): _matches(re; flags) | .[];
        def capture(re): _matches(re) | .[] | _named;
        def capture(re; flags): _matches(re; flags) | .[] | _named;
        def scan(re): scan(re; null);
        def scan(re; flags):
          _matches(re; "g" + flags) | .[] | if .captures == [] then .string else [.captures[].string] end;
        def split(re; flags): _split(re; flags);
        def splits(re): _split(re; null) | .[];
        def splits(re; flags): _split(re; flags) | .[];
        def sub(re; text): sub(re; text; null);
        def sub(re; text; flags):
          . as $in
          | _matches(re; flags)
          | reduce .[] as $edit ({done: [], next: 0};
              [$edit | _named | text] as $new
              | .done = _joined(.done; $in[.next:$edit.offset]; $new)
              | .next = $edit.offset + $edit.length)
          | (.done[] + $in[.next:]) // $in;
        def gsub(re; text): sub(re; text; "g");
        def gsub(re; text; flags): sub(re; text; flags + "g");
        def todate: strftime("%Y-%m-%dT%H:%M:%SZ");
        def todateiso8601: todate;
        def fromdateiso8601: strptime("%Y-%m-%dT%H:%M:%SZ") | mktime;
        def fromdate: fromdateiso8601;
        def date: todate;
        def dateadd(unit; n): . + n;
        def datesub(unit; n): . - n;
        def have_literal_numbers: true;
        def have_decnum: true;
        .
        """#
}
