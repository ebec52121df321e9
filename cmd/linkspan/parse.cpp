#include "cmd/linkspan/parse.hpp"

#include "cmd/linkspan/config_values.hpp"
#include "cmd/linkspan/delivery_file.hpp"
#include "cmd/linkspan/read_file.hpp"
#include "core/base/utf8.hpp"
#include "core/bitbucket/event_memory.hpp"
#include "core/bitbucket/json_document.hpp"
#include "core/bitbucket/misdelivery.hpp"
#include "core/bitbucket/reading.hpp"
#include "core/event/json.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <ostream>

namespace linkspan
{
namespace
{

constexpr std::string_view cloud_instance = "bitbucket.org";
constexpr std::string_view data_center_instance = "https://bitbucket.example.com";

result<> judge(parse_options const& options)
{
    if (!options.edition.empty() && !edition_named(options.edition))
        return error(errc::invalid, "--edition is cloud or data_center, not " + options.edition);
    if (!options.event_keys.empty() && !options.headers.empty())
        return error(errc::invalid, "--event-key or --headers, not both");
    auto const fits = [&](std::vector<std::string> const& values)
    { return values.size() <= 1 || values.size() == options.files.size(); };
    if (!fits(options.event_keys))
        return error(errc::invalid, "--event-key is given once for all files, or once for each");
    if (!fits(options.headers))
        return error(errc::invalid, "--headers is given once for all files, or once for each");
    return {};
}

// As the configuration judges a source's: bitbucket.org, or the base URL of a Data Center.
result<std::string> read_instance(std::string text)
{
    if (text.empty() || text == cloud_instance)
        return text;
    if (auto const judged = judge_instance_url(text); !judged)
        return error(
            errc::invalid,
            "--instance " + judged.error().message + "; Cloud's is bitbucket.org, and needs no --instance"
        );
    return text;
}

// What editors mark a text as that is no plain UTF-8; empty where it has no mark.
std::string_view marked_encoding(std::string_view text)
{
    if (text.starts_with("\xef\xbb\xbf"))
        return "UTF-8 with a byte order mark";
    return text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff") ? "UTF-16" : "";
}

std::string value_for(std::vector<std::string> const& values, std::size_t file)
{
    if (values.empty())
        return {};
    return values.size() == 1 ? values.front() : values[file];
}

class parsing
{
public:
    // The instance is the one that was asked for, as events write it.
    parsing(terminal& on, parse_options const& options, std::string instance)
        : on_(on), options_(options), instance_(std::move(instance)), files_(on.in)
    {
    }

    // The events of one file, printed.
    result<> take(std::size_t file)
    {
        auto delivery = load(file);
        if (!delivery)
            return delivery.error();
        auto said = read(*delivery);
        if (!said)
            return said.error();
        digest_context context;
        context.edition = *delivery->edition;
        context.instance = delivery->instance;
        // Without a time of its own a delivery is of the moment of the one before.
        auto const told = delivery->received_at ? delivery->received_at : said->occurred_at;
        context.received_at = told.value_or(latest_);
        latest_ = std::max(latest_, context.received_at);
        for (auto const& happening : memory_.take(*said, context))
        {
            auto line = to_json(happening);
            line.stable_erase("id");
            if (!delivery->received_at)
                line.stable_erase("received_at");
            if (!told && happening.occurred_at == context.received_at)
                line.stable_erase("occurred_at");
            on_.out << plain_json(boost::json::serialize(line)) << '\n';
        }
        return {};
    }

private:
    result<delivery_file> load(std::size_t file)
    {
        auto text = files_.read(options_.files[file], delivery_file_bytes_max);
        if (!text)
            return text.error();
        if (auto const marked = marked_encoding(*text); !marked.empty())
            return error(
                errc::invalid,
                "the body is not JSON: it is " + std::string(marked) + "; save it as UTF-8 without the mark"
            );
        auto out = delivery_in(std::move(*text));
        if (auto const key = value_for(options_.event_keys, file); !key.empty())
            out.event_key = key;
        if (auto const name = value_for(options_.headers, file); !name.empty())
        {
            auto const headers = read_headers(name);
            if (!headers)
                return headers.error();
            add_headers(out, *headers);
        }
        if (!options_.edition.empty())
        {
            out.edition = edition_named(options_.edition);
            out.is_edition_guessed = false;
        }
        if (!out.edition)
            out.edition = edition_shown_by(out.event_key, out.body);
        if (auto const set = set_instance(out); !set)
            return set.error();
        return out;
    }

    result<> set_instance(delivery_file& of) const
    {
        bool const is_of_cloud = of.edition == edition::cloud;
        bool const is_asked_of_cloud = options_.instance == cloud_instance;
        if (!options_.instance.empty() && of.edition && is_of_cloud != is_asked_of_cloud)
            return error(
                errc::invalid,
                is_of_cloud
                    ? "--instance is always bitbucket.org for Cloud, and this delivery is of Cloud; leave "
                      "--instance out"
                    : "--instance bitbucket.org is Cloud, and this delivery is of Data Center; give the "
                      "base URL, as in --instance https://bitbucket.example.com"
            );
        if (!options_.instance.empty())
            of.instance = instance_;
        if (of.instance.empty())
            of.instance = of.edition == edition::data_center ? data_center_instance : cloud_instance;
        return {};
    }

    // One file of headers may serve every delivery.
    result<header_map> read_headers(std::string const& name)
    {
        if (auto const found = headers_.find(name); found != headers_.end())
            return found->second;
        auto const text = files_.read(name, headers_file_bytes_max);
        auto const what = "the headers " + (name == "-" ? "in standard input" : name);
        if (!text)
            return with_name(what, text.error());
        auto out = headers_in(*text);
        if (!out)
            return with_name(what, out.error());
        headers_[name] = *out;
        return out;
    }

    // What is said of links is for deliveries that came to one: here the edition was named, told or guessed.
    error of_other_edition(delivery_file const& delivery, std::string const& key, edition is_of) const
    {
        auto const named = [](edition one)
        { return std::string(one == edition::cloud ? "Bitbucket Cloud" : "Bitbucket Data Center"); };
        auto const right = is_of == edition::cloud ? "--edition cloud" : "--edition data_center";
        auto const read_as = named(*delivery.edition);
        std::string how = ", but the file says " + read_as + "; give " + right;
        if (!options_.edition.empty())
            how = ", not of " + read_as + "; leave --edition out, or give " + right;
        else if (delivery.is_edition_guessed)
            how = ", but its headers look like those of " + read_as + "; give " + right;
        return error(errc::not_found, "the event key " + key + " is of " + named(is_of) + how);
    }

    static error with_guess(delivery_file const& delivery, error why)
    {
        if (delivery.is_edition_guessed)
            why.message += std::string("; it was read as of ") +
                           (delivery.edition == edition::cloud ? "Cloud" : "Data Center") +
                           ", which is guessed from its headers: --edition tells it";
        return why;
    }

    result<reading> read(delivery_file const& delivery) const
    {
        inbound in;
        in.edition = delivery.edition.value_or(edition::cloud);
        in.event_key = delivery.event_key;
        in.body = delivery.body;
        in.event_time = delivery.event_time;
        auto said = read_delivery(in);
        if (said && delivery.edition)
            return said;
        if (!said && said.error().code != errc::not_found)
            return with_guess(delivery, said.error());
        auto const key = event_key_of(in);
        if (!said && key.empty())
            return error(
                said.error().code,
                said.error().message +
                    "; --event-key or --headers tells it, as in --event-key "
                    "pullrequest:created"
            );
        if (!delivery.edition)
            return error(
                errc::invalid,
                "the event key " + key +
                    " does not show whether this is of Cloud or Data Center; --edition tells it"
            );
        json_document const body(delivery.body);
        std::string fault;
        if (auto const other = other_edition(in.edition, key, json_reader(body.root(), fault)))
            return of_other_edition(delivery, key, *other);
        return with_guess(delivery, said.error());
    }

    terminal& on_;
    parse_options const& options_;
    std::string instance_;
    file_reader files_;
    std::map<std::string, header_map> headers_;
    event_memory memory_;
    time_point latest_;
};

}  // namespace

result<> parse_deliveries(terminal& on, parse_options const& options)
{
    if (auto judged = judge(options); !judged)
        return judged;
    auto const instance = read_instance(options.instance);
    if (!instance)
        return instance.error();
    parsing work(on, options, *instance);
    std::optional<error> first;
    std::size_t failed = 0;
    for (std::size_t i = 0; i < options.files.size(); ++i)
    {
        auto const done = work.take(i);
        if (done)
            continue;
        auto const& name = options.files[i] == "-" ? std::string("standard input") : options.files[i];
        auto const why = with_name(name, done.error());
        if (options.files.size() == 1)
            return why;
        on.out.flush();
        print_error(on, why, options.json);
        ++failed;
        if (!first)
            first = why;
    }
    if (!first)
        return {};
    return error(
        first->code,
        std::to_string(failed) + " of " + std::to_string(options.files.size()) +
            " deliveries were not recognised"
    );
}

}  // namespace linkspan
