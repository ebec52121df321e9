#include "cmd/linkspan/send_sample.hpp"

#include "cmd/linkspan/config_values.hpp"
#include "cmd/linkspan/running_serve.hpp"
#include "cmd/linkspan/sample_bodies.hpp"
#include "cmd/linkspan/sample_parcels.hpp"
#include "cmd/linkspan/text_table.hpp"
#include "links/net/base64.hpp"
#include "links/net/client.hpp"
#include "links/net/hmac.hpp"
#include "links/registry.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <iostream>

namespace linkspan
{
namespace
{

namespace json = boost::json;

constexpr std::size_t answer_bytes_max = 1000;  // of what is shown of an answer
constexpr milliseconds answer_wait{15'000};
constexpr std::size_t url_bytes_told = 200;

struct target
{
    link_row row;
    link_template const* kind = nullptr;
    link_fields fields;
    std::string url;  // of the Linkspan
    bool is_running = false;

    std::string webhook_url() const { return url + "/webhook/" + row.id.value; }
};

std::string random_uuid()
{
    std::array<std::uint8_t, 10> random{};
    fill_random(random);
    return make_event_id(system_now(), random).value;
}

result<target> read_target(transaction& tx, send_sample_options const& options)
{
    auto row = find_link_or_nearest(tx, options.link);
    if (!row)
        return row.error();
    target out;
    out.row = std::move(*row);
    out.kind = find_template(out.row.template_name);
    if (out.kind == nullptr || !out.kind->receives)
        return error(
            errc::invalid,
            "link " + name_of(out.row) + " (" + out.row.template_name +
                ") receives no webhooks; samples go to links of " +
                "bitbucket-webhook or bitbucket-dc-webhook"
        );
    if (options.list || out.row.field_names.empty())
        return out;
    auto const keys = find_vault(options.paths);
    if (!keys)
        return keys.error();
    auto fields = open_fields(tx, *keys, out.row.id);
    if (!fields)
        return fields.error();
    out.fields = std::move(*fields);
    return out;
}

// The Linkspan that --url names: scheme, host and port. The path is the link's, and added here.
result<std::string> read_url(std::string url)
{
    if (!url.starts_with("http://") && !url.starts_with("https://"))
        return error(
            errc::invalid, "--url must begin with http:// or https://, as in http://127.0.0.1:14470"
        );
    auto const path = url.find('/', url.find("://") + 3);
    if (path != url.npos && url.find_first_not_of('/', path) != url.npos)
        return error(
            errc::invalid,
            "--url has the path " + safe_line(url.substr(path), url_bytes_told) +
                ", but names the Linkspan alone: the path of the link's webhook is added to it; give --url " +
                safe_line(url.substr(0, path), url_bytes_told)
        );
    if (auto const judged = judge_public_url(url); !judged)
        return error(errc::invalid, "--url " + judged.error().message);
    return url;
}

result<target> find_target(send_sample_options const& options)
{
    auto opened = find_store(options.paths);
    if (!opened)
        return opened.error();
    if (!*opened)
        return error(
            errc::not_found, "there is no link " + options.link + "; linkspan create-link makes one"
        );
    auto found =
        (*opened)->read<target>(system_now(), [&](transaction& tx) { return read_target(tx, options); });
    if (!found)
        return found;
    if (!options.url.empty())
    {
        auto url = read_url(options.url);
        if (!url)
            return url.error();
        found->url = std::move(*url);
        return found;
    }
    auto const serve = find_serve(options.paths);
    if (!serve)
        return serve.error();
    found->url = serve->url;
    found->is_running = serve->is_running;
    return found;
}

std::string signature_of(secret const& key, std::string_view body)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string out = "sha256=";
    for (auto const byte : hmac_sha256(key, body))
    {
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

// The headers that Bitbucket sends, with an id of this delivery of their own.
http_request address(target const& to, parcel const& content, std::string const& id)
{
    http_request out("POST", to.webhook_url());
    out.headers.push_back({"Content-Type", "application/json; charset=utf-8"});
    out.headers.push_back({"X-Event-Key", content.event_key});
    out.headers.push_back({"X-Attempt-Number", "1"});
    if (to.kind->receives == edition::cloud)
    {
        out.headers.push_back({"X-Request-UUID", id});
        out.headers.push_back({"X-Hook-UUID", random_uuid()});
    }
    else
        out.headers.push_back({"X-Request-Id", id});
    auto const key = value_of(to.fields, to.kind->fields, "webhook_secret");
    if (!key.empty())
        out.headers.push_back({"X-Hub-Signature", signature_of(secret(std::string(key)), content.body)});
    auto const user = value_of(to.fields, to.kind->fields, "basic_user");
    auto const password = value_of(to.fields, to.kind->fields, "basic_password");
    if (!user.empty() && !password.empty())
        out.headers.push_back(
            {"Authorization", "Basic " + encode_base64(std::string(user) + ":" + std::string(password))}
        );
    out.body = content.body;
    return out;
}

errc code_of_status(int status)
{
    if (status >= 200 && status < 300)
        return errc::none;
    if (status == 401 || status == 403)
        return errc::unauthorized;
    if (status == 404)
        return errc::not_found;
    if (status == 429)
        return errc::rate_limited;
    return status >= 400 && status < 500 ? errc::invalid : errc::unavailable;
}

std::string advice_for(errc code, target const& to)
{
    auto const name = name_of(to.row);
    if (code == errc::unauthorized && to.fields.empty() && !to.row.allow_unsigned)
        return "; the link has no webhook_secret: linkspan set-creds " + name + " --kv webhook_secret";
    if (code == errc::unauthorized)
        return "; does that Linkspan use the same database as this command?";
    if (code == errc::not_found)
        return "; is " + name + " the webhook of a [[source]] in config.toml? linkspan check tells";
    return {};
}

result<> judge(exchange const& ended, target const& to, parcel const& sent)
{
    auto const what = "send " + sent.event_key + " to " + to.webhook_url() + ": ";
    switch (ended.fate)
    {
        case exchange_fate::answered:
            break;
        case exchange_fate::not_sent:
            return error(
                errc::unavailable,
                what + ended.reason +
                    (to.is_running ? "" : "; start linkspan serve, or say with --url where it runs")
            );
        case exchange_fate::unknown:
            return error(errc::timeout, what + ended.reason);
        case exchange_fate::cancelled:
            return error(errc::cancelled, what + ended.reason);
    }
    auto const code = code_of_status(ended.response.status);
    if (code == errc::none)
        return {};
    auto const answer = safe_line(ended.response.body);
    return error(
        code,
        what + std::to_string(ended.response.status) + (answer.empty() ? "" : " " + answer) +
            advice_for(code, to)
    );
}

// One exchange from beginning to end on a loop of its own.
exchange send(boost::asio::io_context& loop, http_client& client, http_request request)
{
    exchange ended;
    bool is_done = false;
    exchange_options limits;
    limits.timeout = answer_wait;
    auto on_end = [&](std::exception_ptr thrown, exchange returned)
    {
        ended = std::move(returned);
        if (thrown)
            ended.reason = "the exchange broke off";
        is_done = true;
    };
    boost::asio::co_spawn(loop, client.send(std::move(request), limits), on_end);
    loop.restart();
    while (!is_done && loop.run_one() != 0)
    {
    }
    return ended;
}

json::object report(
    terminal& on, bool as_json, parcel const& sent, std::string const& id, exchange const& ended
)
{
    json::object one;
    one["sample"] = sent.name;
    one["event_key"] = sent.event_key;
    one["request_id"] = id;
    one["bytes"] = sent.body.size();
    one["status"] =
        ended.fate == exchange_fate::answered ? json::value(ended.response.status) : json::value();
    if (ended.fate == exchange_fate::answered)
        one["answer"] = safe_line(ended.response.body, answer_bytes_max);
    if (as_json || ended.fate != exchange_fate::answered)
        return one;
    std::string name = sent.name;
    name.resize(std::max<std::size_t>(name.size(), 20), ' ');
    std::string key = sent.event_key;
    key.resize(std::max<std::size_t>(key.size(), 36), ' ');
    bool const is_taken = code_of_status(ended.response.status) == errc::none;
    on.out << name << ' ' << key << ' ' << ended.response.status << (is_taken ? " accepted" : " refused")
           << std::endl;
    return one;
}

result<> send_all(
    terminal& on, send_sample_options const& options, target const& to, std::vector<parcel> const& all
)
{
    boost::asio::io_context loop(1);
    http_client::settings settings;
    settings.user_agent = "linkspan send-sample";
    http_client client(loop, settings);
    json::array sent;
    if (!options.json)
        on.out << "To " << to.webhook_url() << std::endl;
    result<> judged;
    for (auto const& content : all)
    {
        auto const id = random_uuid();
        auto const ended = send(loop, client, address(to, content, id));
        sent.push_back(report(on, options.json, content, id, ended));
        judged = judge(ended, to, content);
        if (!judged)
            break;
    }
    if (options.json)
    {
        json::object document;
        document["url"] = to.webhook_url();
        document["sent"] = std::move(sent);
        print_json(on.out, document);
    }
    return judged;
}

result<> list_samples(terminal& on, edition wanted, bool as_json)
{
    auto const all = samples_of(wanted);
    if (!all)
        return all.error();
    json::array list;
    text_table table{{"SAMPLE", "EVENT KEY", "STORY", "WHAT HAPPENS"}, {}};
    for (auto const& one : *all)
    {
        table.rows.push_back({one.name, one.event_key, one.in_story ? "yes" : "no", one.summary});
        json::object row;
        row["sample"] = one.name;
        row["event_key"] = one.event_key;
        row["story"] = one.in_story;
        row["summary"] = one.summary;
        list.push_back(std::move(row));
    }
    if (!as_json)
    {
        print_table(on, table);
        return {};
    }
    json::object document;
    document["samples"] = std::move(list);
    print_json(on.out, document);
    return {};
}

}  // namespace

result<> send_sample(terminal& on, send_sample_options const& options)
{
    auto const to = find_target(options);
    if (!to)
        return to.error();
    if (options.list)
        return list_samples(on, *to->kind->receives, options.json);
    auto const parcels = pack(options, *to->kind->receives);
    if (!parcels)
        return parcels.error();
    return send_all(on, options, *to, *parcels);
}

}  // namespace linkspan
