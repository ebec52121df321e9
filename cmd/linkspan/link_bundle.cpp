#include "cmd/linkspan/link_bundle.hpp"

#include <boost/json/array.hpp>
#include <boost/json/memory_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serializer.hpp>

#include <new>

namespace linkspan
{
namespace
{

namespace json = boost::json;

constexpr std::string_view format_name = "linkspan-links";
constexpr std::int64_t format_version = 1;

// Overwrites what it takes back: the document is full of secrets.
class wiping_memory final : public json::memory_resource
{
private:
    void* do_allocate(std::size_t bytes, std::size_t) override
    {
        // Nothing in it is aligned beyond what plain new gives, and Boost.JSON 1.81 frees keys under another
        // alignment than it has asked for.
        return ::operator new(bytes);
    }
    void do_deallocate(void* at, std::size_t bytes, std::size_t) override
    {
        auto* const first = static_cast<unsigned char volatile*>(at);
        for (std::size_t i = 0; i < bytes; ++i)
            first[i] = 0;
        ::operator delete(at);
    }
    bool do_is_equal(json::memory_resource const& other) const noexcept override { return this == &other; }
};

json::value number_of(std::optional<time_point> const& time)
{
    return time ? json::value(std::int64_t(to_milliseconds(*time))) : json::value();
}

json::value text_or_null(std::optional<std::string> const& text)
{
    return text ? json::value(*text) : json::value();
}

json::object object_of(portable_grant const& grant, json::storage_ptr const& memory)
{
    json::object out(memory);
    out["state"] = grant.state;
    out["reason"] = text_or_null(grant.reason);
    out["since_at"] = number_of(grant.since);
    out["generation"] = grant.generation;
    out["last_generation"] = grant.last_generation;
    out["consent"] = grant.consent;
    out["worked_at"] = number_of(grant.worked_at);
    return out;
}

json::object object_of(portable_token const& token, json::storage_ptr const& memory)
{
    json::object out(memory);
    out["generation"] = token.generation;
    out["consent"] = token.consent;
    out["access_token"] = token.access_token.reveal();
    out["refresh_token"] = token.refresh_token.reveal();
    out["token_type"] = token.token_type;
    out["scopes"] = token.scopes;
    out["obtained_at"] = number_of(token.obtained_at);
    out["expires_at"] = number_of(token.expires_at);
    out["refused_at"] = number_of(token.refused_at);
    return out;
}

json::object object_of(portable_link const& link, json::storage_ptr const& memory)
{
    json::object out(memory);
    out["id"] = link.row.id.value;
    out["name"] = text_or_null(link.row.name);
    out["template"] = link.row.template_name;
    out["allow_unsigned"] = link.row.allow_unsigned;
    out["created_at"] = number_of(link.row.created_at);
    json::object fields(memory);
    for (auto const& [name, value] : link.fields)
        fields[name] = value.reveal();
    out["fields"] = std::move(fields);
    json::object facts(memory);
    for (auto const& [name, value] : link.facts)
        facts[name] = value;
    out["facts"] = std::move(facts);
    if (!link.grant)
        return out;
    out["grant"] = object_of(*link.grant, memory);
    json::array tokens(memory);
    for (auto const& token : link.tokens)
        tokens.push_back(object_of(token, memory));
    out["tokens"] = std::move(tokens);
    return out;
}

// Reads members; remembers whether one was missing or of another type.
class bundle_reader
{
public:
    explicit bundle_reader(json::object const& of) : of_(of) {}

    bool is_whole() const { return is_whole_; }

    std::string text(std::string_view name)
    {
        auto const* found = member(name);
        if (auto const* text = found == nullptr ? nullptr : found->if_string())
            return std::string(text->data(), text->size());
        is_whole_ = false;
        return {};
    }
    std::optional<std::string> optional_text(std::string_view name)
    {
        return is_null(name) ? std::nullopt : std::optional<std::string>(text(name));
    }
    std::int64_t number(std::string_view name)
    {
        auto const* found = member(name);
        if (auto const* number = found == nullptr ? nullptr : found->if_int64())
            return *number;
        is_whole_ = false;
        return 0;
    }
    time_point time(std::string_view name) { return from_milliseconds(number(name)); }
    std::optional<time_point> optional_time(std::string_view name)
    {
        return is_null(name) ? std::nullopt : std::optional<time_point>(time(name));
    }
    bool flag(std::string_view name)
    {
        auto const* found = member(name);
        if (auto const* flag = found == nullptr ? nullptr : found->if_bool())
            return *flag;
        is_whole_ = false;
        return false;
    }
    // Each member of the object of this name, which are texts.
    template <class Take>
    void texts(std::string_view name, Take const& take)
    {
        auto const* found = member(name);
        auto const* object = found == nullptr ? nullptr : found->if_object();
        if (object == nullptr)
        {
            is_whole_ = false;
            return;
        }
        for (auto const& [key, value] : *object)
            if (auto const* text = value.if_string())
                take(std::string(key), std::string(text->data(), text->size()));
            else
                is_whole_ = false;
    }

private:
    json::value const* member(std::string_view name) const { return of_.if_contains(name); }
    bool is_null(std::string_view name) const
    {
        auto const* found = member(name);
        return found == nullptr || found->is_null();
    }

    json::object const& of_;
    bool is_whole_ = true;
};

std::optional<portable_token> token_of(json::value const& value)
{
    auto const* object = value.if_object();
    if (object == nullptr)
        return std::nullopt;
    bundle_reader from(*object);
    portable_token out;
    out.generation = from.number("generation");
    out.consent = from.number("consent");
    out.access_token = secret(from.text("access_token"));
    out.refresh_token = secret(from.text("refresh_token"));
    out.token_type = from.text("token_type");
    out.scopes = from.text("scopes");
    out.obtained_at = from.time("obtained_at");
    out.expires_at = from.optional_time("expires_at");
    out.refused_at = from.optional_time("refused_at");
    bool const is_right = out.generation > 0 && out.consent >= 0;
    return from.is_whole() && is_right ? std::optional<portable_token>(std::move(out)) : std::nullopt;
}

std::optional<portable_grant> grant_of(json::value const& value)
{
    auto const* object = value.if_object();
    if (object == nullptr)
        return std::nullopt;
    bundle_reader from(*object);
    portable_grant out;
    out.state = from.number("state");
    out.reason = from.optional_text("reason");
    out.since = from.time("since_at");
    out.generation = from.number("generation");
    out.last_generation = from.number("last_generation");
    out.consent = from.number("consent");
    out.worked_at = from.optional_time("worked_at");
    bool const is_right = out.state >= 0 && out.state <= 2 && out.generation >= 0 &&
                          out.last_generation >= out.generation && out.consent >= 0;
    return from.is_whole() && is_right ? std::optional<portable_grant>(std::move(out)) : std::nullopt;
}

bool read_grant(json::object const& from, portable_link& into)
{
    auto const* grant = from.if_contains("grant");
    if (grant == nullptr)
        return true;
    into.grant = grant_of(*grant);
    auto const* tokens = from.if_contains("tokens");
    if (!into.grant || tokens == nullptr || !tokens->is_array())
        return false;
    for (auto const& one : tokens->get_array())
    {
        auto token = token_of(one);
        if (!token || token->generation > into.grant->last_generation)
            return false;
        into.tokens.push_back(std::move(*token));
    }
    return true;
}

std::optional<portable_link> link_of(json::value const& value)
{
    auto const* object = value.if_object();
    if (object == nullptr)
        return std::nullopt;
    bundle_reader from(*object);
    portable_link out;
    out.row.id = link_id(from.text("id"));
    out.row.name = from.optional_text("name");
    out.row.template_name = from.text("template");
    out.row.allow_unsigned = from.flag("allow_unsigned");
    out.row.created_at = from.time("created_at");
    from.texts(
        "fields",
        [&](std::string name, std::string text)
        { out.fields.emplace(std::move(name), secret(std::move(text))); }
    );
    from.texts(
        "facts",
        [&](std::string name, std::string text) { out.facts.emplace(std::move(name), std::move(text)); }
    );
    if (!from.is_whole() || out.row.id.value.empty() || !read_grant(*object, out))
        return std::nullopt;
    return out;
}

}  // namespace

secret to_json_text(std::vector<portable_link> const& links, time_point now)
{
    wiping_memory memory;
    json::storage_ptr const in(&memory);
    json::array list(in);
    for (auto const& link : links)
        list.push_back(object_of(link, in));
    json::object document(in);
    document["format"] = format_name;
    document["version"] = format_version;
    document["exported_at"] = to_rfc3339(now);
    document["links"] = std::move(list);

    // By parts, and measured first: a text that grows would leave copies behind.
    std::string text;
    for (bool const is_kept : {false, true})
    {
        json::serializer writer;
        writer.reset(&document);
        char part[4096];
        std::size_t size = 0;
        while (!writer.done())
        {
            auto const got = writer.read(part);
            size += got.size();
            if (is_kept)
                text.append(got.data(), got.size());
        }
        for (char volatile& c : part)
            c = 0;
        if (!is_kept)
            text.reserve(size);
    }
    return secret(std::move(text));
}

result<std::vector<portable_link>> from_json_text(secret const& text)
{
    wiping_memory memory;
    json::parse_options options;
    options.allow_invalid_utf8 = true;  // a secret may be any bytes
    boost::system::error_code fault;
    auto const document = json::parse(text.reveal(), fault, json::storage_ptr(&memory), options);
    auto const* object = fault ? nullptr : document.if_object();
    auto const* format = object == nullptr ? nullptr : object->if_contains("format");
    if (format == nullptr || !format->is_string() || format->get_string() != format_name)
        return error(errc::invalid, "it holds no links of linkspan");
    auto const* version = object->if_contains("version");
    if (version == nullptr || !version->is_int64() || version->get_int64() != format_version)
        return error(errc::invalid, "it was made by a later version of linkspan; import it with that one");
    auto const* links = object->if_contains("links");
    if (links == nullptr || !links->is_array())
        return error(errc::invalid, "it holds no list of links");
    std::vector<portable_link> out;
    for (auto const& one : links->get_array())
    {
        auto link = link_of(one);
        if (!link)
            return error(errc::invalid, "link " + std::to_string(out.size() + 1) + " in it is not whole");
        out.push_back(std::move(*link));
    }
    return out;
}

}  // namespace linkspan
