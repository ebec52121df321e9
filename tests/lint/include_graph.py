"""Rule: every #include obeys the house: cmd -> {links, store} -> core, and third-party headers keep to their rooms."""
import re

from tree import cpp_files

LAYERS = ("core", "links", "store", "cmd")
# What a layer may include besides itself. The one place where the architecture is written as data.
ALLOWED = {
    "core/base": set(),
    "core/event": {"core/base"},
    "core/oauth": {"core/base"},
    "core/markup": {"core/base"},
    "core": {"core/base", "core/event", "core/oauth", "core/markup", "core"},
    "links/net": {"core/base"},
    "links/oauth": {"core", "links/net"},
    "links": {"core", "links/net", "links/oauth", "links"},
    "store": {"core"},
    "cmd": {"core", "links", "store"},
}
# Third-party headers and the only places (prefixes of paths) where they may be included.
ROOMS = (
    (r"boost/beast", ("links/net/",)),
    (r"curl/", ("links/net/",)),
    (r"boost/asio", ("links/", "store/", "cmd/")),
    (r"SQLiteCpp|sqlite3", ("store/",)),
    (r"openssl/", ("links/net/", "store/")),
    (r"cmark-gfm", ("core/markup/",)),
    (r"spdlog|CLI/|prometheus/|toml\+\+|fmt/", ("cmd/",)),
)
CPP_ONLY = r"boost/beast|curl/"  # four seconds of compiling for whoever sees them


def layer_of(path):
    two = "/".join(path.split("/")[:2])
    return two if two in ALLOWED else path.split("/")[0]


def may(source, target):
    source_layer, target_layer = layer_of(source), layer_of(target)
    if source_layer == target_layer:
        if source_layer == "links" and source.count("/") > 1:
            # dialects are siblings that do not know each other; files directly in links/ know them all
            same_dialect = target.count("/") > 1 and source.split("/")[1] == target.split("/")[1]
            return same_dialect or target == "links/link.hpp"
        return True
    allowed = ALLOWED[source_layer]
    return target_layer in allowed or target_layer.split("/")[0] in allowed


def fault_of(source, is_quoted, name):
    if is_quoted:
        if not re.match(r"(core|links|store|cmd)/", name):
            return f'write the full path from the root, not "{name}"'
        return None if may(source, name) else f"{layer_of(source)} must not include {name}"
    for header, rooms in ROOMS:
        if re.match(header, name):
            if not source.startswith(rooms):
                return f"{layer_of(source)} must not include <{name}>"
            if re.match(CPP_ONLY, name) and not source.endswith(".cpp"):
                return f"<{name}> belongs in .cpp files of links/net/ alone"
    return None


def check(root):
    for file in cpp_files(root, LAYERS):
        source = file.relative_to(root).as_posix()
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)', line)
            fault = fault_of(source, match[1] == '"', match[2]) if match else None
            if fault:
                yield source, number, fault
