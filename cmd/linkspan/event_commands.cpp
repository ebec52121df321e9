#include "cmd/linkspan/event_commands.hpp"

#include "cmd/linkspan/config_values.hpp"
#include "cmd/linkspan/text_table.hpp"
#include "core/base/utf8.hpp"
#include "core/conversation/telling.hpp"
#include "core/event/cdevents.hpp"
#include "core/event/cloudevents.hpp"
#include "core/event/json.hpp"
#include "core/route/comparison.hpp"
#include "links/console/terminal_text.hpp"
#include "store/events.hpp"
#include "store/inbox.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <iostream>

namespace linkspan
{
namespace
{

namespace json = boost::json;

constexpr std::size_t headline_bytes_max = 120;
constexpr std::size_t id_bytes_told = 60;
constexpr std::string_view delivery_word = "delivery ";  // as the table calls one

// Whether a text may be the beginning of an event's id.
bool is_of_id(std::string_view text)
{
    return text.find_first_not_of("0123456789abcdef-") == text.npos;
}

struct happenings
{
    std::vector<event> events;         // newest first
    std::vector<inbox_row> set_aside;  // newest first
    std::size_t id_length = id_shown_min;
    link_names links;
    time_point now;
};

bool has_filter(list_events_options const& options)
{
    return !options.kind.empty() || !options.repository.empty() || options.pull_request;
}

result<happenings> read_happenings(transaction& tx, list_events_options const& options)
{
    event_filter filter;
    filter.kind = options.kind;
    filter.repository = options.repository;
    filter.pull_request = options.pull_request;
    filter.limit = options.limit;
    auto events = list_events(tx, filter);
    if (!events)
        return events.error();
    happenings out;
    out.now = tx.now();
    std::vector<event_id> ids;
    for (auto const& happened : *events)
        ids.push_back(happened.id);
    auto const length = telling_length(tx, ids);
    if (!length)
        return length.error();
    out.id_length = *length;
    out.events = std::move(*events);
    if (has_filter(options))
        return out;
    auto set_aside = list_set_aside(tx, options.limit);
    if (!set_aside)
        return set_aside.error();
    out.set_aside = std::move(*set_aside);
    auto names = names_of_links(tx);
    if (!names)
        return names.error();
    out.links = std::move(*names);
    return out;
}

struct listed
{
    time_point received_at;
    json::object document;
    std::string id;  // as the table shows it
    std::string where;
    std::string what;
};

listed list_entry(event const& happened, std::size_t id_length)
{
    auto const headline = plain_text(tell(happened).headline);
    listed out;
    out.received_at = happened.received_at;
    out.document["type"] = "event";
    out.document["id"] = happened.id.value;
    out.document["received_at"] = to_rfc3339(happened.received_at);
    out.document["occurred_at"] = to_rfc3339(happened.occurred_at);
    out.document["kind"] = std::string(name_of(happened.kind));
    out.document["repository"] =
        happened.repository ? json::value(happened.repository->full_name) : json::value();
    out.document["pull_request"] =
        happened.pull_request ? json::value(happened.pull_request->id) : json::value();
    out.document["actor"] = happened.actor ? json::value(happened.actor->name) : json::value();
    out.document["headline"] = safe_line(headline, headline_bytes_max);
    out.id = happened.id.value.substr(0, id_length);
    out.where = subject_of(happened);
    out.what = headline;
    return out;
}

listed list_entry(inbox_row const& row, link_names const& links)
{
    listed out;
    out.received_at = row.received_at;
    out.document["type"] = "delivery";
    out.document["delivery"] = row.id.value;
    out.document["received_at"] = to_rfc3339(row.received_at);
    out.document["state"] = std::string(name_of(row.state));
    out.document["link"] = row.link;
    out.document["event_key"] = row.event_key;
    out.document["reason"] = row.reason ? json::value(*row.reason) : json::value();
    out.id = std::string(delivery_word) + std::to_string(row.id.value);
    out.where = "link " + name_of(links, row.link);
    out.what = std::string(name_of(row.state)) + ": " +
               (row.event_key.empty() ? "no event key" : row.event_key) +
               (row.reason ? ": " + *row.reason : "");
    return out;
}

// By time, the newest last, `limit` of them.
std::vector<listed> in_order(happenings const& found, std::size_t limit)
{
    std::vector<listed> all;
    for (auto const& happened : found.events)
        all.push_back(list_entry(happened, found.id_length));
    for (auto const& row : found.set_aside)
        all.push_back(list_entry(row, found.links));
    std::ranges::reverse(all);
    std::ranges::stable_sort(all, {}, &listed::received_at);
    if (all.size() > limit)
        all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(limit));
    return all;
}

void print_entries(terminal& on, std::vector<listed> const& entries, time_point now)
{
    std::vector<time_point> moments;
    for (auto const& entry : entries)
        moments.push_back(entry.received_at);
    auto const times = short_times(moments, now);
    text_table table{{"ID", "RECEIVED (UTC)", "WHERE", "WHAT"}, {}, true};
    for (std::size_t i = 0; i < entries.size(); ++i)
        table.rows.push_back({entries[i].id, times[i], entries[i].where, entries[i].what});
    print_table(on, table);
}

std::optional<std::int64_t> inbox_number_in(std::string_view text)
{
    std::int64_t number = 0;
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || end != text.data() + text.size() || number < 0)
        return std::nullopt;
    return number;
}

// An event with where it went, or a delivery.
struct shown
{
    std::optional<event> happened;
    std::vector<delivery_history> deliveries;
    std::optional<inbox_detail> delivery;
    link_names links;
};

constexpr std::string_view shown_forms =
    "; linkspan events lists events by the beginning of their id, as in 01932c5e-7b1d, and deliveries that "
    "were "
    "set aside by number, as in delivery 12";

error no_such(std::string_view what, std::string_view id)
{
    return error(
        errc::not_found,
        "there is no " + std::string(what) + " " + safe_line(id, id_bytes_told) + std::string(shown_forms)
    );
}

result<shown> find_shown(transaction& tx, std::string_view typed)
{
    shown out;
    auto names = names_of_links(tx);
    if (!names)
        return names.error();
    out.links = std::move(*names);
    bool const is_called_delivery = typed.starts_with(delivery_word);
    auto const wanted = typed.substr(is_called_delivery ? delivery_word.size() : 0);
    auto const number = inbox_number_in(wanted);
    if (is_called_delivery && !number)
        return no_such("delivery", wanted);
    if (number && (is_called_delivery || wanted.size() <= delivery_digits_max))
    {
        auto found = find_inbox(tx, inbox_id(*number));
        if (!found && found.error().code == errc::not_found)
            return no_such("delivery", wanted);
        if (!found)
            return found.error();
        out.delivery = std::move(*found);
        return out;
    }
    auto const id = typed_event_id(wanted);
    auto happened = find_event(tx, id);
    if (!happened && happened.error().code == errc::not_found && !is_of_id(id))
        return no_such("event", wanted);
    if (!happened && happened.error().code == errc::not_found && number)
        if (auto found = find_inbox(tx, inbox_id(*number)))
        {
            out.delivery = std::move(*found);
            return out;
        }
    if (!happened)
        return happened.error();
    auto deliveries = deliveries_of(tx, happened->id);
    if (!deliveries)
        return deliveries.error();
    out.happened = std::move(*happened);
    out.deliveries = std::move(*deliveries);
    return out;
}

bool is_open(delivery_history const& one)
{
    return one.state == "pending" || one.state == "waiting";
}

json::object to_json(delivery_history const& one)
{
    json::object out;
    out["delivery"] = one.id.value;
    out["destination"] = one.destination;
    out["state"] = one.state;
    out["attempts"] = one.attempts;
    if (is_open(one))
        out["due_at"] = to_rfc3339(one.due_at);
    out["why"] = one.why;
    out["reason"] = one.reason ? json::value(*one.reason) : json::value();
    return out;
}

void print_event(terminal& on, shown const& found, bool as_json)
{
    if (as_json)
    {
        json::object document;
        document["event"] = to_json(*found.happened);
        json::array list;
        for (auto const& one : found.deliveries)
            list.push_back(to_json(one));
        document["deliveries"] = std::move(list);
        print_json(on.out, document);
        return;
    }
    print_json(on.out, to_json(*found.happened));
    on.out << '\n';
    if (found.deliveries.empty())
    {
        on.out << "No rule sent it anywhere.\n";
        return;
    }
    text_table table{{"DESTINATION", "STATE", "ATTEMPTS", "WHY"}, {}, true};
    for (auto const& one : found.deliveries)
        table.rows.push_back(
            {one.destination,
             one.state + (is_open(one) ? ", due " + shown_time(one.due_at) : ""),
             std::to_string(one.attempts),
             why_of(one)}
        );
    print_table(on, table);
}

bool is_format(std::string_view name)
{
    return name == "json" || name == "cloudevents" || name == "cdevents";
}

result<> print_formatted(terminal& on, shown const& found, show_event_options const& options)
{
    if (!found.happened)
        return error(errc::invalid, options.id + " is a delivery; --format is for events");
    if (options.format == "cdevents")
    {
        auto const form = to_cdevent(*found.happened);
        if (!form)
            return error(
                form.error().code, form.error().message + "; --format cloudevents takes every event"
            );
        print_json(on.out, *form);
    }
    else
        print_json(
            on.out, options.format == "json" ? to_json(*found.happened) : to_cloudevent(*found.happened)
        );
    return {};
}

// A body may be any bytes; a JSON document may not.
std::string as_utf8(std::string_view bytes)
{
    std::string out;
    while (!bytes.empty())
    {
        auto const c = first_character(bytes);
        out += c.valid ? bytes.substr(0, c.bytes) : std::string_view("\xef\xbf\xbd");
        bytes.remove_prefix(c.bytes);
    }
    return out;
}

json::value headers_of(inbox_detail const& detail)
{
    boost::system::error_code failure;
    auto headers = json::parse(detail.headers, failure);
    return failure ? json::value(detail.headers) : headers;
}

void print_delivery(terminal& on, shown const& found, bool as_json)
{
    auto const& detail = *found.delivery;
    auto const& row = detail.row;
    json::object document;
    document["delivery"] = row.id.value;
    document["received_at"] = to_rfc3339(row.received_at);
    document["link"] = row.link;
    document["edition"] = row.edition == edition::cloud ? "cloud" : "data_center";
    document["instance"] = row.instance;
    document["event_key"] = row.event_key;
    document["state"] = std::string(name_of(row.state));
    document["reason"] = row.reason ? json::value(*row.reason) : json::value();
    document["attempts"] = row.attempts;
    document["headers"] = headers_of(detail);
    document["body"] = as_utf8(row.body);
    if (as_json)
    {
        print_json(on.out, document);
        return;
    }
    document["link"] = name_of(found.links, row.link);
    for (auto const* name :
         {"delivery", "received_at", "link", "edition", "instance", "event_key", "state", "reason"})
    {
        std::string padded(name);
        padded.resize(12, ' ');
        auto const& value = document[name];
        if (!value.is_null())
            on.out << padded << ' '
                   << safe_line(value.is_string() ? std::string(value.get_string()) : json::serialize(value))
                   << '\n';
    }
    on.out << "\nHeaders\n";
    print_json(on.out, document["headers"]);
    on.out << "\nBody (" << row.body.size() << " bytes)\n" << console::terminal_text(row.body) << '\n';
}

result<> check_options(list_events_options const& options)
{
    if (auto pattern = options.repository; !pattern.empty())
        if (auto const judged = judge_repository_glob(pattern); !judged)
            return error(errc::invalid, "--repository " + judged.error().message);
    return options.kind.empty() ? result<>() : check_kind_pattern(options.kind);
}

}  // namespace

std::string typed_event_id(std::string_view text)
{
    std::string digits;
    for (char const c : text)
        if (c != '-')
            digits += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    constexpr std::size_t id_digits = 32;
    if (digits.size() > id_digits || !is_of_id(digits))
        return std::string(text);
    // A beginning that ends with a dash names the same events without it.
    for (std::size_t const dash : {8U, 13U, 18U, 23U})
        if (digits.size() > dash)
            digits.insert(dash, "-");
    return digits;
}

std::string why_of(delivery_history const& one)
{
    if (one.reason && one.state == "not_taken")
        return *one.reason;  // what it was planned for has not come true
    return one.reason ? *one.reason + " (" + one.why + ")" : one.why;
}

result<> list_happenings(terminal& on, list_events_options const& options)
{
    if (auto const judged = check_options(options); !judged)
        return judged;
    auto const found = read_store<happenings>(
        options.paths, happenings(), [&](transaction& tx) { return read_happenings(tx, options); }
    );
    if (!found)
        return found.error();
    auto entries = in_order(*found, options.limit);
    if (options.json)
    {
        json::array list;
        for (auto& entry : entries)
            list.push_back(std::move(entry.document));
        json::object document;
        document["events"] = std::move(list);
        print_json(on.out, document);
        return {};
    }
    if (entries.empty())
    {
        on.err
            << (has_filter(options) ? "No event matches.\n"
                                    : "There are no events yet. linkspan send-sample LINK makes some.\n");
        return {};
    }
    print_entries(on, entries, found->now);
    return {};
}

result<> show_happening(terminal& on, show_event_options const& options)
{
    if (!options.format.empty() && !is_format(options.format))
        return error(errc::invalid, "--format is json, cloudevents or cdevents, not " + options.format);
    auto opened = find_store(options.paths);
    if (!opened)
        return opened.error();
    if (!*opened)
        return error(
            errc::not_found,
            "there is no event " + safe_line(options.id, id_bytes_told) + ": nothing has been received yet"
        );
    auto const found =
        (*opened)->read<shown>(system_now(), [&](transaction& tx) { return find_shown(tx, options.id); });
    if (!found)
        return found.error();
    if (!options.format.empty())
        return print_formatted(on, *found, options);
    if (found->happened)
        print_event(on, *found, options.json);
    else
        print_delivery(on, *found, options.json);
    return {};
}

}  // namespace linkspan
