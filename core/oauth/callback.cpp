#include "core/base/utf8.hpp"
#include "core/oauth/form.hpp"
#include "core/oauth/token.hpp"
#include "core/oauth/words.hpp"

#include <algorithm>
#include <optional>

namespace linkspan
{
namespace
{

constexpr std::size_t installation_bytes_max = 20;  // a 64-bit number

error refused_answer(std::string const& why)
{
    return {errc::invalid, "the answer of the service is refused: " + why};
}

bool is_visible(std::string_view text)
{
    return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

// The value of a parameter that must not be there twice (RFC 6749, 3.1); empty where it is missing.
result<std::string> single(std::vector<form_field>& fields, std::string_view name)
{
    std::optional<std::string> found;
    for (auto& field : fields)
        if (field.name == name)
        {
            if (found)
                return refused_answer("it has " + std::string(name) + " twice");
            found = std::move(field.value);  // no copy of a code stays behind
        }
    return std::move(found).value_or(std::string());
}

result<> judge(callback const& read)
{
    if (read.state.empty())
        return refused_answer("it has no state; begin again with linkspan start-oauth");
    if (!is_visible(read.state.reveal()) || !is_visible(read.code.reveal()))
        return refused_answer("it has a character that no service sends");
    bool const is_number =
        read.installation_id.size() <= installation_bytes_max &&
        std::ranges::all_of(read.installation_id, [](char c) { return c >= '0' && c <= '9'; });
    if (!is_number)
        return refused_answer("its installation_id is no number");
    // GitHub: an installation that an owner has yet to approve has no number.
    bool const waits = read.setup_action == "request";
    if (read.code.empty() && read.error_code.empty() && read.installation_id.empty() && !waits)
        return refused_answer("it has neither a code nor an error");
    return {};
}

result<callback> read_query(std::string_view query)
{
    auto fields = decode_form(query);
    if (!fields)
        return refused_answer("it has a bad percent encoding, or too many parameters");
    callback out;
    std::string state;
    std::string code;
    std::string fault;
    struct
    {
        std::string_view name;
        std::string& value;
    } const known[] = {
        {"state", state},
        {"code", code},
        {"error", fault},
        {"error_description", out.words},
        {"installation_id", out.installation_id},
        {"setup_action", out.setup_action},
    };
    for (auto const& [name, value] : known)
    {
        auto found = single(*fields, name);
        if (!found)
            return found.error();
        value = std::move(*found);
    }
    out.state = secret(std::move(state));
    out.error_code = word_of(fault);
    if (!fault.empty() && out.error_code.empty())
        out.error_code = "unreadable";
    if (fault.empty())
        out.code = secret(std::move(code));
    out.words = plain_line(out.words, words_bytes_max);
    out.setup_action = word_of(out.setup_action);
    if (auto const fit = judge(out); !fit)
        return fit.error();
    return out;
}

std::string_view trimmed(std::string_view text)
{
    // Also what people paste around an address.
    constexpr std::string_view around = " \t\r\n\"'<>";
    auto const first = text.find_first_not_of(around);
    if (first == text.npos)
        return {};
    return text.substr(first, text.find_last_not_of(around) - first + 1);
}

error too_long()
{
    return refused_answer("it is longer than " + std::to_string(callback_bytes_max) + " bytes");
}

}  // namespace

result<callback> read_callback(std::string_view target)
{
    if (target.size() > callback_bytes_max)
        return too_long();
    auto const path = target.substr(0, target.find('#'));
    auto const mark = path.find('?');
    return read_query(mark == path.npos ? std::string_view() : path.substr(mark + 1));
}

result<callback> read_pasted_callback(std::string_view text, std::string_view redirect_url)
{
    if (text.size() > callback_bytes_max)
        return too_long();
    auto const url = trimmed(text);
    bool const is_ours =
        url.starts_with(redirect_url) && (url.size() == redirect_url.size() ||
                                          url[redirect_url.size()] == '?' || url[redirect_url.size()] == '#');
    if (!is_ours)
        return error(
            errc::invalid,
            "that is not the address that the browser shows at the end; it begins with " +
                std::string(redirect_url) + "?"
        );
    if (url.find_first_of(" \t\r\n") != url.npos)
        return refused_answer("the address has a blank or a line break; paste it in one piece");
    return read_callback(url);
}

}  // namespace linkspan
