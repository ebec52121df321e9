#pragma once
#include "core/base/error.hpp"
#include "core/event/event.hpp"

#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace linkspan
{

// Deliveries of Bitbucket that stand in files: bodies as they came, headers beside them, or both in the
// form of `linkspan events show --json`.

// What is read of one file at most: the largest delivery that a server takes unless it is configured
// otherwise ([server] data_center_body_bytes_max).
inline constexpr std::size_t delivery_file_bytes_max = 16u << 20;
inline constexpr std::size_t headers_file_bytes_max = 64u << 10;

// Reads files by their names; "-" is standard input, which can be read once.
class file_reader
{
public:
    explicit file_reader(std::istream& standard_input) : standard_input_(standard_input) {}

    // Errors as read_file(); also errc::invalid for standard input a second time. The messages do not name
    // the file.
    result<std::string> read(std::string const& name, std::size_t bytes_max);

private:
    std::istream& standard_input_;
    bool has_read_input_ = false;
};

// Names in lower case.
using header_map = std::map<std::string, std::string>;

// Of headers of one name the first counts. A JSON object of texts, or lines "Name: value" as curl prints them
// ("< " or "> " before them, lines of other kinds among them). errc::invalid where there is no header at all.
result<header_map> headers_in(std::string_view text);

// One delivery, as far as its file tells.
struct delivery_file
{
    std::optional<linkspan::edition> edition;
    bool is_edition_guessed = false;  // from the ids that its headers have
    std::string event_key;
    std::string instance;
    std::optional<time_point> received_at;
    std::optional<time_point> event_time;  // X-Event-Time
    std::string body;
};

// A body, or what `linkspan events show NUMBER --json` prints: an object with "event_key" and "body", and
// perhaps "edition", "instance", "received_at" and "headers".
delivery_file delivery_in(std::string text);

// Adds what the headers tell and the file does not: X-Event-Key, X-Event-Time, the time of receipt
// (X-Event-Time, Date) and the edition (X-Hook-UUID and X-Request-UUID are Cloud's, X-Request-Id is Data
// Center's). Times are those of RFC 9110, X-Event-Time may be one of RFC 3339, too.
void add_headers(delivery_file& to, header_map const& headers);

// The edition that the event key or the body shows; nothing where neither does.
std::optional<edition> edition_shown_by(std::string_view event_key, std::string_view body);

std::optional<edition> edition_named(std::string_view name);

}  // namespace linkspan
