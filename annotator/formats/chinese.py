"""Whether bytes that are no UTF-8 are simplified Chinese in GB18030 (GBK, GB2312).

Big5, EUC-KR, EUC-JP, Shift-JIS and one-byte encodings often decode as GB18030, too,
and give signs that nobody wrote. So the whole file must decode, and be what Chinese is:
nearly all signs of GB2312's first level, most of them among those that make up Chinese
texts, not only of the rows where Korean would lie, and enough of them to tell.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import BinaryIO

_PIECE = 1 << 20
_EACH = 16
"""After the first so many pieces only every so manieth one is counted; all decode."""
LEAST_SIGNS = 8
LEAST_DIFFERENT = 6
LEAST_FIRST_LEVEL = 0.9
LEAST_COMMON = 0.7
"""Chinese has 0.8 and more; what was misread has 0.1 to 0.4."""
MOST_KOREAN = 0.92
"""Korean has 0.99 in the rows B0 to C8, Chinese 0.5."""
MANY_SIGNS = 60
"""With so many, texts of a trade with fewer of the common signs are known, too: these
shares and LEAST_FIRST_LEVEL tell enough."""
LEAST_COMMON_OF_MANY = 0.55
MOST_KOREAN_OF_MANY = 0.8
COMMON = frozenset(
    "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天"
    "去能对小多然于心学么之都好看起发当没成只如事把还用第样道想作种开美总从无情己面最女但现前些所同"
    "日手又行意动方期它头经长儿回位分爱老因很给名法间斯知世什两次使身者被高已亲其进此话常与活正感见"
    "明问力理尔点文几定本公特做外孩相西果走将月十实向声车全信重三机工物气每并别真打太新比才便夫再书"
    "部水像眼等体却加电主界门利海受听表德少克代员许先口由死安写性马光白或住难望教命花结乐色更拉东神"
    "记处让母父应直字场平报友关放至张认接告入笑内英军候民岁往何度山觉路带万男边风解叫任金快原吃妈变"
    "通师立象数四失满战远格士音轻目条病始达深完今提求清王化空业思切怎非找片罗钱吗语元喜曾离飞科言干"
    "流欢约各即指合反题必该论交终林请医晚制球决传画保读运及则房早院量苦火布品近坐产答星精视五连司奇管"
    "类未朋且婚台夜青北队久乎越观落尽形影红百令周吧识步希亚术留市半热送兴造谈容极随演收首根讲整式取照"
    "办强石古华拿计您装似足双妻尼转诉米称丽客南领节衣站黑刻统断福城故历惊脸选包紧争另建维绝树系伤示愿"
    "持千史谁准联妇纪基买志静独复痛消社算义竟确酒需单治卡幸兰念举仅钟怕共毛句息功官待究跟穿室易游程号"
    "居考突皮哪费倒价图具刚脑永歌响商礼细专黄块脚味灵改据般破引食仍存众注笔甚某沉血备习校默务土微须试"
    "怀料调广苏显赛查密议底列富梦错座参八除跑亮假印设线温虽初养香停际致阳纸纳验助激够严证帝饭忘趣支春"
    "集木研班普导展获艺六波察群段急区创奥器谢弟店否害草排背止组州朝封板角况曲馆育忙质河续哥呼若推境遇"
    "雨标姐充围案护冷警贝著雪索剧船险烟依斗值帮汉慢佛肯闻唱沙局伯族低玩资屋击速顾洲团圣旁堂兵七露园牛"
    "哭旅街劳型烈姑陈鱼异抱宝权鲁简态级票怪寻杀律胜份汽右洋范床舞秘午登楼贵吸责例追较职属渐左录党继赶"
    "章智冲叶胡吉卖坚喝肉遗救修松临藏担戏善卫药悲敢靠伊村词森耳差短祖云规窗散油旧适乡架恩投弹铁博雷府"
    "压超负杂醒洗采毫嘴毕九既状乱景席珍童顶派素脱农疑练野按犯拍征坏骨余承置彩灯巨免环暗换技翻束增忍餐"
    "洛塞缺忆判欧层付阵批岛项狗休懂武革良恶恋委拥探呀营退摇弄桌熟宣银势奖宫忽套康供优课鸟喊降夏困刘罪"
    "亡健模败伴守鲜财孤枪禁恐伙杰迹妹遍盖副坦牌江顺秋菜划授归浪凡预奶雄升编典袋含盛济棋端腿招释介烧误"
    "请输码键网页络链按钮载储删添箱邮户登录密保存取消确字符串列表值函代输入输出变量类型算法训练样例指令"
    "描述总结翻译以下句段落文章故事诗歌猫狗动物植物颜色城市国家语言英语汉语数学历史科学健康建议步骤原因"
    "影响优点缺点区别比较分析解释举例说明列出生成创建编写改写分类情感积极消极正确错误是否能够可以应该"
)


_UTF8_HAN = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){4}")
"""Four Chinese signs of UTF-8, which no Chinese text in GB18030 looks like."""


@dataclass(slots=True)
class Counts:
    """Signs beside ASCII, punctuation and symbols."""

    all: int = 0
    different: int = 0
    first_level: int = 0
    common: int = 0
    korean: int = 0

    @property
    def is_chinese(self) -> bool:
        is_enough = self.all >= LEAST_SIGNS and self.different >= LEAST_DIFFERENT
        if not is_enough or self.first_level < LEAST_FIRST_LEVEL * self.all:
            return False
        if self._is_made_of(LEAST_COMMON, MOST_KOREAN):
            return True
        is_long = self.all >= MANY_SIGNS
        return is_long and self._is_made_of(LEAST_COMMON_OF_MANY, MOST_KOREAN_OF_MANY)

    def _is_made_of(self, common: float, korean: float) -> bool:
        is_common = self.common >= common * self.all
        return is_common and self.korean <= korean * self.all


def is_gb18030(file: BinaryIO) -> bool:
    """Whether the whole file is; it is left at its start."""
    decoder = codecs.getincrementaldecoder("gb18030")()
    found: Counter[str] = Counter()
    file.seek(0)
    try:
        number = 0
        while piece := file.read(_PIECE):
            text = decoder.decode(piece)
            if _UTF8_HAN.search(piece):  # files of two encodings were joined
                return False
            if number < _EACH or not number % _EACH:
                found.update(text)
            number += 1
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        file.seek(0)
    return counts(found).is_chinese


def counts(found: Counter[str]) -> Counts:
    """What the signs are, by how often each stands there."""
    whole = Counts()
    for sign, often in found.items():
        if sign.isascii() or unicodedata.category(sign)[0] in "PSZ":
            continue
        code = sign.encode("gb18030")
        in_gb2312 = len(code) == 2 and code[1] >= 0xA1
        whole.all += often
        whole.different += 1
        whole.first_level += often * (in_gb2312 and 0xB0 <= code[0] <= 0xD7)
        whole.korean += often * (in_gb2312 and 0xB0 <= code[0] <= 0xC8)
        whole.common += often * (sign in COMMON)
    return whole
