#include "tests/support/canary_search.hpp"

#include "links/net/base64.hpp"
#include "tests/support/environment.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace linkspan::test
{
namespace
{

constexpr std::size_t canary_bytes_min = 8;

std::string in_upper_case(std::string text)
{
    for (char& c : text)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

// "5c" for a backslash.
std::string digits_of(char c)
{
    constexpr std::string_view digits = "0123456789abcdef";
    auto const byte = static_cast<unsigned char>(c);
    return {digits[byte >> 4U], digits[byte & 15U]};
}

bool is_plain(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

// Every byte but those that need no escape as %XX, or what a form makes of it.
std::string url_escaped(std::string const& text, bool is_upper, bool is_form)
{
    static constexpr std::string_view unreserved = "-._~";
    std::string out;
    for (char const c : text)
        if (is_plain(c) || unreserved.find(c) != unreserved.npos)
            out += c;
        else if (is_form && c == ' ')
            out += '+';
        else
            out += "%" + (is_upper ? in_upper_case(digits_of(c)) : digits_of(c));
    return out;
}

// As JSON writers escape: what they must, and what some of them do besides.
std::string json_escaped(std::string const& text, std::string_view by_number, bool escapes_slash)
{
    std::string out;
    for (char const c : text)
        if (by_number.find(c) != by_number.npos)
            out += "\\u00" + digits_of(c);
        else if (c == '"' || c == '\\' || (c == '/' && escapes_slash))
            out += std::string("\\") + c;
        else if (c == '\t')
            out += "\\t";
        else if (c == '\n')
            out += "\\n";
        else
            out += c;
    return out;
}

// Everything but letters, digits and the hyphen by number.
std::string json_by_number(std::string const& text)
{
    std::string out;
    for (char const c : text)
        out += is_plain(c) || c == '-' ? std::string(1, c) : "\\u00" + digits_of(c);
    return out;
}

// What is the same whatever stands before and behind: the characters that neighbours share are left out.
void add_base64(std::vector<std::string>& to, std::string const& canary)
{
    for (std::size_t shift = 0; shift < 3; ++shift)
    {
        auto const text = encode_base64(std::string(shift, ' ') + canary);
        std::size_t const begin = shift == 0 ? 0 : 4;
        auto part = text.substr(begin, (canary.size() + shift) / 3 * 4 - begin);
        to.push_back(part);
        std::ranges::replace(part, '+', '-');
        std::ranges::replace(part, '/', '_');
        to.push_back(part);
    }
}

void add_forms(std::vector<std::string>& to, std::string const& canary)
{
    if (canary.size() < canary_bytes_min)
        throw std::logic_error("this canary is too short to be looked for");
    to.push_back(canary);
    for (bool const escapes_slash : {false, true})
    {
        to.push_back(json_escaped(canary, "", escapes_slash));
        to.push_back(json_escaped(canary, "<>&", escapes_slash));
    }
    to.push_back(json_by_number(canary));
    for (bool const is_upper : {false, true})
        for (bool const is_form : {false, true})
            to.push_back(url_escaped(canary, is_upper, is_form));
    std::string digits;
    for (char const c : canary)
        digits += digits_of(c);
    to.push_back(digits);
    to.push_back(in_upper_case(digits));
    add_base64(to, canary);
}

}  // namespace

canary_search::canary_search(std::vector<std::string> const& canaries)
{
    for (auto const& canary : canaries)
        add_forms(forms_, canary);
    std::ranges::sort(forms_);
    auto const [first, last] = std::ranges::unique(forms_);
    forms_.erase(first, last);
}

std::string canary_search::find_below(std::filesystem::path const& folder) const
{
    for (auto const& entry : std::filesystem::recursive_directory_iterator(folder))
    {
        if (!entry.is_regular_file() || entry.path().extension() == ".canary")
            continue;
        if (auto const found = find_in(read_file(entry.path())); !found.empty())
            return entry.path().filename().string() + " holds " + found;
    }
    return {};
}

std::string canary_search::find_in(std::string_view text) const
{
    for (auto const& form : forms_)
        if (text.find(form) != text.npos)
            return form;
    return {};
}

std::vector<std::string> canaries_of_pem(std::string const& pem)
{
    std::vector<std::string> out;
    std::string body;
    for (std::size_t begin = 0; begin < pem.size();)
    {
        auto const end = std::min(pem.find('\n', begin), pem.size());
        auto const line = pem.substr(begin, end - begin);
        if (!line.empty() && !line.starts_with("-----"))
        {
            body += line;
            if (line.size() >= canary_bytes_min)
                out.push_back(line);
        }
        begin = end + 1;
    }
    auto const bytes = decode_base64(body);
    if (!bytes || bytes->size() < 512)
        throw std::logic_error("this is no private key in PEM");
    // Behind the modulus and the exponent, which the public half tells too.
    out.emplace_back(bytes->substr(bytes->size() / 2, 48));
    return out;
}

}  // namespace linkspan::test
